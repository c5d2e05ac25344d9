"""Parts of a data set in the words that people use: train, validation, test; of folders and of columns.

The pipeline draws its own validation part, from the noisy labels that are trained on: validation counts as
training, unless there is no other part to test on.
"""

import re
from collections import Counter

TRAIN, VALIDATION, TEST = "train", "validation", "test"
WORDS = {
    TRAIN: ("train", "training"),
    VALIDATION: ("val", "valid", "validation", "dev"),
    TEST: ("test", "testing", "eval", "holdout"),
}
OF_WORD = {word: part for part, words in WORDS.items() for word in words}
YES, NO = ("true", "1", "1.0", "yes"), ("false", "0", "0.0", "no")
ALLOWED = ", ".join(OF_WORD)


def of_words(column: str) -> dict[str, str]:
    """Word in lower case -> part, for a column of that name: True and False too where it says of what, as in
    `is_valid`."""
    about = OF_WORD.get(re.sub(r"^is[\s_-]*|[\s_-]+", "", column.strip().casefold()))
    if about is None:
        return OF_WORD
    rest = TEST if about == TRAIN else TRAIN
    return OF_WORD | dict.fromkeys(YES, about) | dict.fromkeys(NO, rest)


def allowed(column: str) -> str:
    """The words that a column of that name may have, in words."""
    return ALLOWED if of_words(column) is OF_WORD else f"{ALLOWED}, or True and False"


def tested(parts: list[str]) -> str:
    """The part that is tested on: validation where there is no test part."""
    return VALIDATION if VALIDATION in parts and TEST not in parts else TEST


def summary(parts: list[str]) -> str:
    """What is done with these parts [N], in a sentence."""
    counts, test = Counter(parts), tested(parts)
    sizes = ", ".join(f"{part} ({counts[part]:,})" for part in WORDS if counts[part])
    if test == VALIDATION:
        return f"the data come in parts, {sizes}: validation is the test part"
    too = "; validation counts as training, since the pipeline draws a validation part of its own"
    return f"the data come in parts, {sizes}: test is the test part" + (too if counts[VALIDATION] else "")

"""What the owner should know of the input, in sentences; and the tables input_faults and copies.

Shape letters: N examples, C classes.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.data.words import some
from labelnoise.detect.conflicts import two_labels
from labelnoise.inspection.classes import Pair
from labelnoise.inspection.copies import EXACT, NEAR, Copies
from labelnoise.types import Dataset, Note

FEW = 20  # groups: with fewer, folds and halves that keep groups whole have nothing to go by
MANY = 0.2  # share of examples that repeat others, from which on something may have gone wrong in making them


def notes(dataset: Dataset, found: Copies, pairs: list[Pair], labels: np.ndarray) -> list[Note]:
    """Kinds identical, copies, two_labels, few_groups, one_group, confused. labels [N]: as given, -1: none."""
    made = [
        _identical(dataset, found),
        _copies(dataset, found),
        _two_labels(dataset, found, labels),
        _few_groups(dataset, found),
        *_one_group(dataset, found, labels),
        *(_confused(dataset, pair, labels) for pair in pairs),
    ]
    return [note for note in made if note is not None]


def _identical(dataset: Dataset, found: Copies) -> Note | None:
    exact = np.flatnonzero(found.match == EXACT)
    spare = len(found.content) - len(np.unique(found.content))
    if spare <= MANY * len(found.match):
        return None
    what = (
        f"{spare:,} of {len(found.match):,} examples repeat another one exactly: if that is not meant, look at how"
        " the files were made"
    )
    return Note("identical", what, spare, _some(dataset, exact))


def _copies(dataset: Dataset, found: Copies) -> Note | None:
    exact, near = (np.flatnonzero(found.match == kind) for kind in (EXACT, NEAR))
    at = np.sort(np.concatenate([exact, near]))
    if not len(at):
        return None
    both = f"an exact copy and {len(near):,} a near one" if len(near) else "an exact copy"
    many = f"{len(exact):,} examples have {both}" if len(exact) else f"{len(near):,} examples have a near copy"
    groups = len(np.unique(found.copied[at]))
    what = (
        f"{many}, in {groups:,} group{'' if groups == 1 else 's'}. For the list nothing need be done, as copies do"
        " not vouch for one another's label. Before you train or test on these data, look at them in the table"
        " copies, and keep one of each group"
    )
    return Note("copies", what, len(at), _some(dataset, at))


def _two_labels(dataset: Dataset, found: Copies, labels: np.ndarray) -> Note | None:
    at, surely = (np.flatnonzero(two_labels(number, labels)) for number in (found.copied, found.same))
    if not len(at):
        return None
    what = f"{len(at):,} examples have a copy with another label: look at them side by side, in the table copies"
    if len(surely):
        what += f"; {len(surely):,} of them are as good as identical, so that a label is wrong: they come first"
    return Note("two_labels", what, len(at), _some(dataset, surely if len(surely) else at))


def _few_groups(dataset: Dataset, found: Copies) -> Note | None:
    count = int(found.group.max()) + 1
    if dataset.groups is None or count >= FEW:
        return None
    what = (
        f"your groups leave {count:,} examples that are independent: with fewer than {FEW} next to nothing can be"
        " said, so group only what would vouch for one another"
    )
    return Note("few_groups", what, count, "groups")


def _one_group(dataset: Dataset, found: Copies, labels: np.ndarray) -> list[Note]:
    """Classes whose examples all belong together: without their group nothing is left that could predict them."""
    made = []
    for number, name in enumerate(dataset.class_names):
        members = np.flatnonzero(labels == number)
        if len(members) > 1 and len(np.unique(found.group[members])) == 1:
            what = f"all {len(members):,} examples of {name!r} are in one group: no other one can tell about it"
            made.append(Note("one_group", what, len(members), name))
    return made


def _confused(dataset: Dataset, pair: Pair, labels: np.ndarray) -> Note:
    one, other = (dataset.class_names[number] for number in (pair.one, pair.other))
    what = (
        f"{one!r} and {other!r} look like two names of one class: the features do not tell which of the two an"
        " example has. If they are one class, give it one name; else expect many of their labels in the list"
    )
    return Note("confused", what, int(np.isin(labels, pair[:2]).sum()), f"{one}, {other}")


def _some(dataset: Dataset, at: np.ndarray) -> str:
    """Some of the examples at positions `at`, in words."""
    return some([dataset.files[k] if dataset.files else f"example {k}" for k in at.tolist()])


def input_faults(found: Sequence[Note]) -> pd.DataFrame:
    """Table of that name."""
    rows = [note._asdict() for note in found]
    return pd.DataFrame(rows) if rows else results.empty("input_faults")


def copies(dataset: Dataset, found: Copies, labels: np.ndarray) -> pd.DataFrame:
    """Table of that name: members of groups of two or more; two_labels is told of copies alone, as a patient may
    have two diseases."""
    at = np.flatnonzero(np.bincount(found.group)[found.group] > 1)
    if not len(at):
        return results.empty("copies")
    names = np.array([*dataset.class_names, ""], dtype=object)  # -1: no label
    return pd.DataFrame(
        {
            "group": found.group[at],
            "index": at,
            "file": [dataset.files[k] if dataset.files else "" for k in at.tolist()],
            "given": names[labels[at]],
            "match": found.match[at],
            "two_labels": two_labels(found.copied, labels)[at],
        }
    )

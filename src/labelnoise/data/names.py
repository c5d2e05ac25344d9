"""Names of classes as people write them, in files and in answers."""

import unicodedata


def class_name(text: str, where: str) -> str:
    """`text` as the name of a class: without outer blanks, letters with accents in one form (NFC)."""
    label = unicodedata.normalize("NFC", text.strip())
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in label):
        raise ValueError(f"{where}: class {label!r}: control characters are not allowed in names of classes")
    return label

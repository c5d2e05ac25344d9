"""What a question and its answer are: text alone. Whoever shows it escapes it."""

from typing import Any, NamedTuple


class Answer(NamedTuple):
    """One question of a user, and its answer."""

    key: str
    question: str
    answer: str
    lines: list[str]
    doubt: str  # empty where there is none to tell


def capital(text: Any) -> str:
    """With a capital at its beginning."""
    return f"{text[:1].upper()}{text[1:]}"

"""published.csv: a row per value that a paper prints, or that was computed from files that it released.

docs/papers.md describes its columns, and says which values are in it and which are not.
"""

from importlib import resources

import pandas as pd

NOT_HERE = "not here"  # a method that the study does not have
NOT_SAID = "not_said"  # the epoch of a value, where its source does not tell it
PUBLISHED, RECOMPUTED, MEASURED = KINDS = ("published", "recomputed", "measured")
TRAINING_IMAGES = {
    "CIFAR-10": 50_000, "CIFAR-10N": 50_000, "CIFAR-100": 50_000, "CIFAR-100N": 50_000, "MNIST": 60_000,
}  # fmt: skip
TEST_IMAGES = 10_000  # of each of them
SAME_IMAGES = {"CIFAR-10N": "CIFAR-10", "CIFAR-100N": "CIFAR-100"}  # with other labels
# what is a number; all else is text, of which an empty field is nothing
NUMBERS = ("noise_rate", "sparsity", "value", "std", "n_seeds", "epochs", "year")
KEYS = ["paper", "table", "dataset", "noise", "noise_rate", "sparsity", "their_method", "architecture",
        "regularizer", "selection", "metric"]  # fmt: skip


def read() -> pd.DataFrame:
    """All published values."""
    with (resources.files(__package__) / "published.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
    return table.assign(**{name: pd.to_numeric(table[name]) for name in NUMBERS})


def names(dataset: str, given: list[str] | None, own: bool) -> list[str]:
    """The published data sets that the section `dataset` stands for: those `given`; else, where it is not the
    user's `own` data, the one that is called alike, as CIFAR-10N for cifar10n, and the one with its images."""
    if given is not None or own:
        return given or []
    alike = [name for name in _datasets() if _plain(name) == _plain(dataset)]
    return [*alike, *(SAME_IMAGES[name] for name in alike if name in SAME_IMAGES)]


def check(dataset: str, given: list[str] | None) -> None:
    """ValueError, naming the key of params.yaml, where no value of one of the data sets `given` is known."""
    unknown = [name for name in given or [] if name not in _datasets()]
    if unknown:
        where = f"datasets.{dataset}.papers: {unknown[0]!r}: no published value of it is known"
        raise ValueError(f"{where}; allowed: {', '.join(_datasets())}")


def _datasets() -> list[str]:
    return sorted(read()["dataset"].unique())


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())

"""Claims 13, 14, 15, 19: how well wrong labels are found.

13 to 15 read the table `alternatives`, which has all scores of a run on the same examples; what needs bags is
there in few cells. 19 reads `tiers`. Where the truth is not known the tables are empty, and nothing is tested.
"""

import pandas as pd

from labelnoise.claims.compare import Cell, Contrast, Section, Tables, by_seed, cells, minus, row, source

CHANCE = 0.5  # the AUROC of an order that says nothing
TABLE = "alternatives"


def training_dynamics(tables: Tables, section: Section) -> list[Contrast]:
    """13: AUPRC of scores over many epochs minus that of the loss at one, the last."""
    return _differences(tables, section)


def bootstrap_uncertainty(tables: Tables, section: Section) -> list[Contrast]:
    """14: AUROC of what the bootstrap says of an example, above chance."""
    found = []
    for score in section["scores"]:
        for cell in cells(tables, section, TABLE):
            effects = _metric(tables, cell, score, "auroc") - CHANCE
            evidence = source(cell, "auroc", table=TABLE)
            found += row(f"{score} - chance", cell, "AUROC", effects, section["threshold"], evidence)
    return found


def sample_and_class(tables: Tables, section: Section) -> list[Contrast]:
    """15: AUPRC of the noise model minus that of models that know less, and of a mixture of features."""
    return _differences(tables, section)


def obvious_errors(tables: Tables, section: Section) -> list[Contrast]:
    """19: share of wrong labels in the obvious tier. A seed whose tier is empty says nothing."""
    found = []
    for cell in cells(tables, section, "tiers"):
        shares = by_seed(tables["tiers"], "share_wrong", **cell._asdict(), tier="obvious").dropna()
        evidence = source(cell, "share_wrong", table="tiers")
        found += row("obvious tier", cell, "share wrong", shares, section["threshold"], evidence)
    return found


def _differences(tables: Tables, section: Section) -> list[Contrast]:
    """AUPRC of every score minus that of every score it is held against, in every cell."""
    found = []
    for left, right in ((left, right) for left in section["scores"] for right in section["against"]):
        for cell in cells(tables, section, TABLE):
            effects = minus(*(_metric(tables, cell, score, "auprc") for score in (left, right)))
            evidence = source(cell, "auprc", table=TABLE)
            found += row(f"{left} - {right}", cell, "AUPRC", effects, section["threshold"], evidence)
    return found


def _metric(tables: Tables, cell: Cell, score: str, name: str) -> pd.Series:
    """A metric by seed, of the seeds where it is defined: it is not where no label is wrong."""
    return by_seed(tables[TABLE], name, **cell._asdict(), score=score).dropna()

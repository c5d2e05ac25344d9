"""Claims 18, 24: whether the confidence can be believed."""

from labelnoise.claims.compare import Contrast, Section, Tables, cells, metric, minus, pairs, row, source


def calibration(tables: Tables, section: Section) -> list[Contrast]:
    """18: the calibration error with noise is not larger than without (a negative threshold)."""
    found = []
    for method in section["methods"]:
        for cell in cells(tables, section):
            if cell.noise != "none":
                clean = metric(tables, cell._replace(noise="none", noise_rate=0.0), method, "ece")
                effects = minus(clean, metric(tables, cell, method, "ece"))
                facts = (f"{method}: without noise - with noise", cell, "ECE", effects, section["threshold"])
                found += row(*facts, source(cell, "ece") + " and none 0")
    return found


def agreeing_confidence(tables: Tables, section: Section) -> list[Contrast]:
    """24: confidence above the share of right labels, where the prediction is the given label."""
    return pairs(tables, section, "overconfidence_agreeing", "confidence")

"""Claims 4, 5, 6, 25: the noise transition matrix T in the loss."""

from labelnoise.claims.compare import Contrast, Section, Tables, cells, metric, minus, pairs, row, source


def orientation(tables: Tables, section: Section) -> list[Contrast]:
    """4: -log(p T) against -log(p T^t), which the note's y^t T s is by the note's own definition of T."""
    return pairs(tables, section)


def second_form(tables: Tables, section: Section) -> list[Contrast]:
    """5: -y^t T log s is not worse than -log(y^t T s): a negative threshold."""
    return pairs(tables, section)


def sources_of_transition(tables: Tables, section: Section) -> list[Contrast]:
    """6: known T against estimated, estimated against learned."""
    return pairs(tables, section)


def gradient_of_wrong_labels(tables: Tables, section: Section) -> list[Contrast]:
    """25: wrong labels' share of the gradient, of cross-entropy minus of the forward loss, at one prediction."""
    names = ("gradient_share_wrong_cross_entropy", "gradient_share_wrong_forward")
    found = []
    for method in section["methods"]:
        for cell in cells(tables, section):
            effects = minus(*(metric(tables, cell, method, name) for name in names))
            facts = (f"{method}: p - e minus p - q", cell, "share of gradient", effects, section["threshold"])
            found += row(*facts, source(cell, *names))
    return found

"""Claims 7, 8, 22: losses that are to tolerate noise."""

from labelnoise.claims.compare import Contrast, Section, Tables, cells, metric, minus, pairs, row, source


def robust_losses(tables: Tables, section: Section) -> list[Contrast]:
    """7: a robust loss memorises too, and early-stopped cross-entropy is not worse (a negative threshold).

    Pairs are [cross_entropy, loss].
    """
    found = []
    for plain, loss in section["pairs"]:
        for cell in cells(tables, section):
            fitted = metric(tables, cell, loss, "fitted_wrong")
            facts = (f"{loss}: wrong labels fitted", cell, "share of wrong labels", fitted, section["memorised"])
            found += row(*facts, source(cell, "fitted_wrong"))
            early, last = (
                metric(tables, cell, plain, "test_accuracy_early"),
                metric(tables, cell, loss, "test_accuracy"),
            )
            facts = (
                f"{plain} (best_noisy_val) - {loss}",
                cell,
                "accuracy",
                minus(early, last),
                section["threshold"],
            )
            found += row(*facts, source(cell, "test_accuracy_early", "test_accuracy"))
    return found


def warp(tables: Tables, section: Section) -> list[Contrast]:
    """8: WARP against cross-entropy."""
    return pairs(tables, section)


def warp_weights(tables: Tables, section: Section) -> list[Contrast]:
    """22: alpha_j = 1/j against other weights of the ranks."""
    return pairs(tables, section)

import numpy as np
import pytest
import synthetic_tables
from synthetic_tables import CELLS, METHODS, identifier

from labelnoise import words
from labelnoise.figures import overview


def _texts(axis):
    """(x, y) -> text of an annotated cell; headings stand outside of the cells."""
    return {text.get_position(): text for text in axis.texts if text.get_fontsize() == 9}


def _panels(fig):
    """Heading -> panel; the last axis is the colour bar."""
    return {axis.texts[-1].get_text(): axis for axis in fig.axes[:-1]}


def test_every_mean_is_the_tables(tables):
    table = tables["intervals"].query(
        "metric == 'test_accuracy' and selection == 'last' and baseline_selection == 'last'"
    )
    found = 0
    for axis in overview.draw(tables["intervals"], METHODS).axes[:-1]:
        labels = [label.get_text() for label in axis.get_yticklabels()]
        for (x, y), text in _texts(axis).items():
            method = identifier(labels[y])
            if method in METHODS:
                noise, rate = sorted(CELLS, key=lambda cell: cell[0] == "pair_flip")[x]  # pair flip is last
                rows = table[
                    (table["method"] == method) & (table["noise"] == noise) & (table["noise_rate"] == rate)
                ]
                assert text.get_text() == f"{100 * rows['mean'].iloc[0]:.1f}"
                found += 1
    assert found == len(METHODS) * len(CELLS)


def test_families_oracles_and_the_early_stopped_baseline(tables):
    panels = _panels(overview.draw(tables["intervals"], METHODS))
    rows = {name: [t.get_text() for t in axis.get_yticklabels()] for name, axis in panels.items()}
    assert rows["Baselines"] == ["cross entropy", "cross entropy, early stopping"]
    assert rows["Transition matrix"] == ["forward estimated"]
    assert list(rows)[-1] == "Oracles, given the truth" and rows["Oracles, given the truth"] == ["forward oracle"]
    early = _panels(overview.draw(tables["intervals"], METHODS, "best_noisy_val"))
    assert [t.get_text() for t in early["Baselines"].get_yticklabels()] == ["cross entropy"]


def test_one_bold_number_per_column_never_an_oracle_or_a_survivor(tables):
    table = tables["intervals"].copy()
    best = table.query("metric == 'test_accuracy' and selection == 'last' and noise == 'pair_flip' and ~oracle")
    winner = best.loc[best["mean"].idxmax(), "method"]

    def bold(table):
        panels = _panels(overview.draw(table, METHODS))
        return [(x, identifier(axis.get_yticklabels()[y].get_text()), text.get_text())
                for axis in panels.values() for (x, y), text in _texts(axis).items()
                if text.get_fontweight() == "bold"]  # fmt: skip

    before = {x: name for x, name, _ in bold(table)}
    assert len(bold(table)) == len(CELLS) and before[8] == winner and "forward_oracle" not in before.values()
    hit = (table["method"] == winner) & (table["noise"] == "pair_flip")
    table.loc[hit, "n_seeds"] = 1
    after = {x: name for x, name, _ in bold(table)}
    assert after[8] != winner and all(after[x] == before[x] for x in range(8))


@pytest.mark.parametrize("seeds", [0, 1])
def test_diverged_seeds_are_crossed_or_a_dash(tables, seeds):
    table = tables["intervals"].copy()
    hit = (table["method"] == "mae") & (table["noise"] == "pair_flip")
    table.loc[hit, "n_seeds"] = seeds
    table.loc[hit, "mean"] = table.loc[hit, "mean"] if seeds else np.nan
    text = _texts(_panels(overview.draw(table, METHODS))["Robust losses"])[8, 0].get_text()
    assert text == "–" if not seeds else text.endswith("×")


def test_all_methods_of_the_full_grid_fit():
    tables = synthetic_tables.make(synthetic_tables.ALL, cells=CELLS[:2], seeds=2, epochs=2)
    fig = overview.draw(tables["intervals"], synthetic_tables.ALL)
    assert sum(len(axis.get_yticklabels()) for axis in fig.axes[:-1]) == len(synthetic_tables.ALL) + 1
    assert len(fig.axes) == len(words.FAMILIES) + 2  # the oracles, and the colour bar

"""The section on intervals: what falls short is told with its cells, and what holds is not."""

import pandas as pd
import synthetic_tables

from labelnoise.report import coverage

FOUND = synthetic_tables.make(methods=["cross_entropy"], seeds=2, epochs=2)["coverage"]


def test_what_falls_short_is_told_first_and_single_cells_next():
    what, everywhere, alone = coverage.sentences(FOUND)
    assert what.endswith("less than 90% of the cases.")
    assert everywhere == (
        "Falls short: noise rate, range between two models (in the study) holds the truth in 40% of 100 "
        "(in symmetric 0.4)."
    )
    assert alone == "In single noise cells alone fall short: entry of T, range (in symmetric 0.4)."


def test_where_all_hold_that_is_told():
    assert coverage.sentences(FOUND[FOUND["source"] == "resampled"])[0].startswith("No interval falls short")


def test_many_cells_are_cut_short():
    rows = FOUND[FOUND["kind"] == "range"]
    cells = [rows[rows["noise"] != "all"].assign(noise_rate=k / 10, share=k / 10, high=0.5) for k in range(1, 7)]
    _, told = coverage.sentences(pd.concat([rows[rows["noise"] == "all"], *cells]))
    assert told.endswith("(in symmetric 0.1, symmetric 0.2, symmetric 0.3, symmetric 0.4 and 2 more).")


def test_the_table_counts_cells_and_names_rivals():
    frame = coverage.table(FOUND).frame.set_index("row")
    row = frame.loc["range"]
    assert row["hold [%]"] == "95.0\n[90.0, 100.0]" and row["noise cells that fall short"] == "1 of 1"
    assert row["narrowest honest other"] == "audit of 100 answers: 0.2" and row["intervals"] == "100"
    assert frame.loc["audit of 100 answers", "noise cells that fall short"] == "0 of 1"

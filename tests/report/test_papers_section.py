"""Published values on the page and in the summary, in miniature."""

import made_report
import numpy as np
import pandas as pd
import pytest

from labelnoise import results
from labelnoise.report import layout, papers

NONE = "No published value of these images is known."


@pytest.fixture
def counts():
    rows = [
        ("CIFAR-10", "A 2020", "published", "yes", 30, 3, 1, 1, 2, 1),
        ("CIFAR-10", "B 2021", "published", "no", 7, 1, 0, 1, 0, 1),
        ("CIFAR-10", "C 2022", "recomputed", "yes", 5, 0, 0, 0, 0, 1),
    ]
    return pd.DataFrame(rows, columns=results.columns("papers_agreement"))


@pytest.fixture
def found():
    shared = {
        "dataset": "CIFAR-10", "table": "Table 1", "their_method": "CE <b>", "architecture": "ResNet-34",
        "noise": "symmetric", "noise_rate": 0.4, "sparsity": np.nan, "regularizer": np.nan,
        "their_selection": "last", "metric": "test_accuracy", "network": "mlp", "ours": "intervals",
        "method": "cross_entropy", "selection": "last", "n_seeds": 5, "tolerance": 0.02, "kind": "published",
        "year": 2020, "source": "arXiv:1",
    }  # fmt: skip
    rows = [
        {"paper": "A 2020", "published": 0.8, "std": 0.004, "mean": 0.9, "low": 0.88, "high": 0.92,
         "difference": 0.1, "agrees": "no", "protocol": "network: ResNet-34 there, mlp here", "verified": "yes"},
        {"paper": "A 2020", "published": 0.9, "std": np.nan, "mean": 0.9, "low": 0.895, "high": 0.905,
         "difference": 0.0, "agrees": "yes", "protocol": np.nan, "verified": "yes", "table": "Table 2"},
        {"paper": "B 2021", "published": 0.95, "std": np.nan, "mean": 0.9, "low": np.nan, "high": np.nan,
         "difference": -0.05, "agrees": "no", "protocol": np.nan, "verified": "no", "regularizer": "none"},
    ]  # fmt: skip
    return results.check("papers", pd.DataFrame([shared | row for row in rows]))


def test_sentences_count_each_kind_apart(counts):
    assert papers.sentences(counts) == [
        "The images stand in for CIFAR-10. Of 42 published values of CIFAR-10, 4 have one of ours beside them: "
        "read at the source, 1 of 4 agree, 1 do not, 2 are undecided; not verified, 0 of 1 agree, 1 do not, 0 are "
        "undecided."
    ]
    none = counts.assign(here=0, stand_in=0)
    assert papers.sentences(none) == [
        "None of 42 published values of CIFAR-10 is of a noise setting, method and epoch of this study."
    ]
    assert papers.sentences(counts[:0]) == [NONE]


def test_papers_are_listed_by_kind(counts):
    table = papers.by_paper(counts)
    assert list(table.frame["row"]) == ["A 2020", "B 2021", "C 2022"] and table.frame["group"].nunique() == 3
    assert list(table.frame.iloc[0])[3:] == ["30", "3", "1 of 4", "1 of 4", "2 of 4"]
    assert list(table.frame["agree"]) == ["1 of 4", "0 of 1", "–"]


def test_what_does_not_agree_is_shown_with_its_protocol(found):
    frame = papers.apart(found).frame
    assert list(frame["row"]) == ["A 2020, Table 1", "B 2021, Table 1"]
    a, b = frame.to_dict("records")
    assert (a["published"], a["ours"], a["difference"]) == ("80.0 ± 0.4", "90.0\n[88.0, 92.0]", "+10.0")
    assert a["where"] == "symmetric 0.4, mlp, last epoch" and a["protocol"].startswith("network: ResNet-34")
    assert (b["published"], b["ours"], b["difference"]) == ("95.0", "90.0", "−5.0")
    assert b["where"] == "symmetric 0.4, mlp, no regulariser, last epoch" and b["protocol"] == "–"
    assert papers.apart(found[found["agrees"] == "yes"]) is None


def test_the_page_has_the_section(tables, counts, found, params, tmp_path):
    made = {**tables, "papers": found, "papers_agreement": counts}
    written = made_report.write(made_report.make_reports(made, tmp_path), params)
    for text in (written.main, written.page.removeprefix(written.main)):
        assert papers.sentences(counts)[0] in text and "Values that agree, by paper" in text
    assert "Published beside ours" in written.page and "CE &lt;b&gt;" in written.page
    assert "Values that do not agree" in written.page and "Values that do not agree" not in written.main


def test_a_data_set_without_published_values_says_so(bare):
    assert NONE in bare.main and "Values that" not in bare.page


def test_numbers_of_other_metrics_are_no_percent(found):
    row = found.iloc[:1].assign(metric="relative_l1", published=0.123, std=np.nan, mean=0.5, difference=0.377)
    assert "0.123" in layout.html(papers.apart(row), "p")

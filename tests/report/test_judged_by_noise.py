"""A report on data of which no clean label is known says so, beside one that has them or alone."""

import made_report
import pandas as pd
import pytest
import synthetic_tables
from made_report import make_params, make_reports

from labelnoise import results
from labelnoise.report import evidence, layout, render

PURPOSE, HELD_OUT = "a known share was made wrong on purpose", "tested on held-out noisy labels"

TRUTH = [
    "claims", "fit", "complexity", "first_epoch", "imbalance", "uncertainty", "detection", "detection_intervals",
    "alternatives", "alternatives_intervals",
    "detection_reliability", "tiers", "budget", "budget_needed", "retrained", "audit",
]  # fmt: skip


@pytest.fixture(scope="module")
def pages(tables, tmp_path_factory):
    """Pages of digits, and of pets, which are the same numbers without any truth."""
    reports, params = make_reports(tables, tmp_path_factory.mktemp("judged")), make_params()
    own = dict(tables)
    own["accuracy"] = tables["accuracy"].assign(judged_by="given_labels", realised_rate=float("nan"))
    own["ledger"] = tables["ledger"].assign(
        realised_rate=float("nan"), realised_transition="[[null]]", designed_transition="[[null]]"
    )
    unknown = ["fitted_clean", "fitted_wrong", "recovered"]
    own["curves"] = tables["curves"].assign(**dict.fromkeys(unknown, float("nan")))
    own["transition"] = tables["transition"].assign(relative_l1=float("nan"))
    for name in set(TRUTH) & set(own):
        own[name] = results.empty(name)
    synthetic_tables.write(reports / "pets" / "tables", own)
    params["datasets"]["pets"] = params["datasets"]["digits"]
    for name in ("digits", "pets"):
        made_report.one(reports, name, params)
    return reports / "pages"


def test_rendered_twice_byte_equal(pages, rendered):
    for name in ("digits.html", "digits.md", "digits.json"):
        assert (pages / name).read_bytes() == (rendered.reports / "pages" / name).read_bytes()
    assert made_report.pages(pages.parent / "digits") == rendered.page


def _index(pages, names: list[str]) -> str:
    out = [pages / name for name in ("index.html", "summary.md", "methods.md")]
    render.write(pages, names, *out)
    return " ".join(" ".join(path.read_text().split()) for path in out)


def test_each_data_set_is_introduced_by_what_judges_it(pages):
    both, clean, noisy = (_index(pages, names) for names in (["digits", "pets"], ["digits"], ["pets"]))
    assert PURPOSE in both and "pets: no clean label is known" in both and HELD_OUT in both
    assert PURPOSE in clean and HELD_OUT not in clean and "no clean label is known" not in clean
    assert PURPOSE not in noisy and HELD_OUT in noisy and "realised" not in noisy


def test_own_labels_with_a_known_truth_were_not_made_wrong_on_purpose(reports, params, tables, monkeypatch):
    monkeypatch.setattr(layout, "html", lambda table, prefix: table.title)  # which takes half of the time
    ledger = tables["ledger"].assign(convention="given")
    synthetic_tables.write(reports / "pets" / "tables", {**tables, "ledger": ledger})
    params["datasets"]["pets"] = params["datasets"]["digits"]
    made_report.one(reports, "pets", params)
    text = _index(reports / "pages", ["pets"])
    assert "pets: networks are trained on labels as given, and tested on images with clean labels" in text
    assert PURPOSE not in text and HELD_OUT not in text and "noise cell</dt>" not in text


def test_parts_without_rows_are_left_out_and_the_rest_says_what_judges(pages):
    folder = pages.parent / "pets" / "more"
    parts = {path.stem: path.read_text() for path in folder.glob("*.html")}
    assert {"accuracy", "calibration", "noise", "gradients"} <= set(parts)
    assert not {"claims", "memorization", "imbalance", "uncertainty"} & set(parts)
    for name, text in parts.items():
        assert ("Measured on held-out noisy labels" in text) == (name in ("accuracy", "calibration"))
    assert "Measured on" not in made_report.pages(pages.parent / "digits")


def test_findings_speak_of_agreement_and_of_no_wrong_label(pages):
    own, told = ((pages.parent / name / "more" / "findings.html").read_text() for name in ("pets", "digits"))
    assert "test accuracy is agreement with held-out noisy labels" in own
    assert "which looks at the test labels" in own and "of the wrong labels" not in own
    assert "which cannot be known without clean labels" in told and "of the wrong labels" in told


def test_a_ledger_without_truth_has_no_rates_and_no_matrices():
    ledger = pd.DataFrame({
        "noise": "given", "noise_rate": 0.0, "seed": [0, 1], "definition": "as given", "convention": "given",
        "realised_rate": float("nan"), "examples": [40, 41], "designed_transition": "[[null]]",
        "realised_transition": "[[null]]", "hash": "0",
    })  # fmt: skip
    frame = evidence.ledger(ledger).frame
    assert frame.to_dict("records") == [
        {"row": "labels as given", "definition": "as given", "examples": "40 / 41", "seeds": "2"}
    ]
    assert evidence.matrices(ledger) == []

"""The paragraph of findings in README.md: as a miniature's tables have it, and as the study's have."""

import json
import math
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from labelnoise import artifacts, params
from labelnoise.commands import verify
from labelnoise.report import marks, metrics, readme
from labelnoise.report.answer import Answer

ROOT = Path(__file__).parents[2]
BEFORE = "# A\n<!-- findings -->\nold\n<!-- /findings -->\nb\n"
NUMBERS = {
    "accuracy_report_cell": {"cross_entropy_last": 0.6, "cross_entropy_early": 0.8, "best_method_last": 0.91234},
    "wrong_labels": {"auprc": 0.987},
}  # fmt: skip


def test_findings_are_the_numbers_that_are_known():
    lines = ["+5.0 points.", "As good: MAE.", "Of those with 1."]
    gain = Answer("unknown", "Which?", "ELR, stopped early", lines, "")
    assert readme.paragraph(NUMBERS, gain, "Of 2 statements 1.", "digits", "pair_flip", 0.45) == (
        "On digits with *pair flip 0.45* noise, cross-entropy ends at 60.0% test accuracy; stopped early on noisy"
        " labels, at 80.0%; the best method that is not told the truth, at 91.2% (the highest of many, which"
        " flatters it). If the noise is not known: ELR, stopped early. +5.0 points. As good: MAE. The list of"
        " suspect labels, for which no network is trained, has an average precision of 0.99, where 1 is perfect."
        " Of 2 statements 1."
    )


@pytest.fixture
def miniature(rendered, tmp_path, monkeypatch):
    """A project whose stage `report` has written README.md."""
    monkeypatch.chdir(tmp_path)
    Path("reports").symlink_to(rendered.reports)
    readme.README.write_text(BEFORE)
    readme.write(rendered.reports / "pages" / "digits.json", readme.README)
    return rendered.reports / "digits" / "tables"


def test_a_miniature_writes_what_its_runs_say_and_nothing_else(miniature, tables):
    text = readme.README.read_text()
    told = readme.said(text)
    assert text == BEFORE.replace("old", told)
    runs = [row for row in tables["accuracy"].to_dict("records") if row["method"] == "cross_entropy"]
    for selection, begins in (("last", "ends at "), ("best_noisy_val", "stopped early on noisy labels, at ")):
        own = [row for row in runs if row["selection"] == selection and row["noise"] == "symmetric"]
        mean = math.fsum(row["test_accuracy"] for row in own) / len(own)
        assert f"{begins}{mean:.1%}" in told
        noisy = [
            [row["test_accuracy"] for row in runs if row["selection"] == selection and row["noise"] == kind]
            for kind in ("symmetric", "pair_flip")
        ]
        means = sum(sum(part) / len(part) for part in noisy) / 2
        assert f"{means:.1%}" in told.partition("On average over the cells")[2].partition("The list")[0]
    obvious = [r for r in tables["tiers"].to_dict("records") if r["tier"] == "obvious" and r["noise"] != "none"]
    wrong = sum(round(row["share_wrong"] * row["count"]) for row in obvious if row["count"])
    assert f"obvious errors, {wrong / sum(row['count'] for row in obvious):.1%} are wrong" in told
    scores = [r for r in tables["detection"].to_dict("records") if r["score"] == "noise_model"]
    auprc = [row["auprc"] for row in scores if row["noise"] != "none"]
    assert f"has an average precision of {sum(auprc) / len(auprc):.2f}" in told
    needed = [
        row["rechecked_share"]
        for row in tables["budget_needed"].to_dict("records")
        if (row["order"], row["rechecker_error"], row["found_share"]) == ("noise_model", 0, 0.8)
        and row["noise"] != "none"
    ]
    assert f"Its first {sum(needed) / len(needed):.0%} hold four fifths" in told
    words_ = [row["as_written"] for row in tables["statements"].to_dict("records")]
    states = [word for word in words_ if word != "question"]
    assert re.search(r"Of (\d+) statements of a note", told)[1] == str(len(states))
    assert re.search(r"of its (\d+) question", told)[1] == str(len(words_) - len(states))


def test_without_marks_or_without_the_file_nothing_is_written(miniature, tmp_path):
    told = Path("reports", "pages", "digits.json")
    readme.README.write_text("# A\n")
    readme.write(told, readme.README)
    assert readme.README.read_text() == "# A\n"
    readme.write(told, tmp_path / "none.md")
    assert not (tmp_path / "none.md").exists()


def test_the_cell_that_is_named_is_the_one_whose_numbers_are_given(tables):
    """Where the one that the report dwells on has no runs."""
    found = {name: table for name, table in tables.items() if len(table)}
    told = readme.findings(found, "digits", "asymmetric", 0.4, 0.95)
    assert told.startswith("On digits with *pair flip 0.45* noise, cross-entropy ends at ")
    assert told == readme.findings(found, "digits", "pair_flip", 0.45, 0.95)


def test_only_what_is_between_the_marks_is_written_anew():
    text = "a\n<!-- x -->\nold\n<!-- /x -->\nb <!-- y --><!-- /y -->"
    once = marks.between(text, "x", r"new \1")
    assert once == text.replace("old", r"new \1") == marks.between(once, "x", r"new \1")
    with pytest.raises(ValueError, match="no <!-- z -->"):
        marks.between(text, "z", "new")


def test_verify_holds_them_against_the_tables(miniature):
    p = params.load(ROOT / "params.yaml")
    assert verify.findings(p, "digits") == [("README.md", "equal", "")]
    text = readme.README.read_text()
    readme.README.write_text(text.replace("cross-entropy ends at", "cross-entropy ends below"))
    (found,) = verify.findings(p, "digits")
    assert found.verdict == "changed" and "`dvc repro -f -s report` writes them" in found.why
    readme.README.write_text("# A\n")
    assert verify.findings(p, "digits") == []


def test_verify_says_why_something_is_not_made_anew(miniature, monkeypatch, capsys):
    """What was trained is the reason of tables alone."""
    p = params.load(ROOT / "params.yaml")
    monkeypatch.setattr(verify.params, "load", lambda: p)
    monkeypatch.setattr(verify, "tables", lambda _: {"recheck": ["recheck"]})
    monkeypatch.setattr(verify, "verify", lambda *_: [verify.Verdict("recheck", verify.NOT_MADE, "")])
    monkeypatch.setattr(
        verify, "findings", lambda *_: [verify.Verdict("README.md", verify.NOT_MADE, "no table x")]
    )
    verify.run(SimpleNamespace(dataset=None, tables=None, tolerance=0))
    said = capsys.readouterr().out
    assert "README.md: not made anew: no table x\n" in said
    assert said.splitlines()[-1].endswith("(archive --runs): recheck")


def test_verify_says_which_table_is_missing(miniature, tmp_path):
    p = params.load(ROOT / "params.yaml")
    (found,) = verify.findings(p, "fashion_mnist")
    assert found == ("README.md", "not made anew", "no table accuracy")


def test_findings_of_this_project_are_those_of_its_metrics():
    """As far as files in git tell: the tables of every run are not among them."""
    p = params.load(ROOT / "params.yaml")
    name = p.study.datasets[0]
    at = artifacts.of(name)
    if not (ROOT / at.metrics).exists():
        pytest.skip("no study was made")
    numbers = json.loads((ROOT / at.metrics).read_text())
    known = metrics.read(ROOT / at.tables)
    best, of_note = readme.answers.unknown(known, p.evaluate.level), readme.tally.of_note(known["statements"])
    told = readme.paragraph(numbers, best, of_note, name, p.report.noise, p.report.noise_rate)
    assert readme.said((ROOT / "README.md").read_text("utf-8")) == told, "the stage `report` writes them"

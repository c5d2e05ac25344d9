"""What pages beside the study say came out is what their tables have, counted anew from rows."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from labelnoise import docs, params
from labelnoise.report import elsewhere, on_features, outcomes

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "reports"


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    path = ROOT / folder / "tables" / f"{table}.csv"
    if not path.exists():
        pytest.skip("it was not repeated")
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def test_values_of_a_repeated_table_and_of_others():
    found = rows(docs.TABLE_1, "papers")
    own, other = [], []
    for row in found:
        mine = row["paper"].startswith("Zhang et al. 2017") and row["network"] in ("mlp_1x512", "mlp_3x512")
        (own if mine else other).append(row)
    agree = [sum(row["agrees"] == "yes" for row in part) for part in (own, other)]
    sources = len({row["paper"] for row in other})
    assert outcomes.table_1(ROOT / docs.TABLE_1 / "tables") == (
        f"Of {len(own)} values of Table 1 of Zhang et al. 2017 {agree[0]} agree with ours. Of {len(other)} values "
        f"of {sources} other sources, whose networks are others, {agree[1]} agree."
    )


def test_what_is_learned_first():
    half = {}  # first epoch in which half of the labels are fitted
    for row in rows(docs.IN_KIND, "curves"):
        for kind in ("fitted_clean", "fitted_wrong"):
            if float(row[kind]) >= 0.5:
                half.setdefault((row["noise"], row["noise_rate"], kind), int(row["epoch"]))
    cells = {key[:2] for key in half}
    first = sum(half[(*cell, "fitted_clean")] < half[(*cell, "fitted_wrong")] for cell in cells)
    curves = defaultdict(list)
    for row in rows(docs.IN_KIND, "complexity"):
        curves[row["radius"], row["condition"]].append((int(row["epoch"]), float(row["critical_sample_ratio"])))
    shares = [[share for _, share in sorted(of)] for of in curves.values()]
    grow = sum(max(of) == of[-1] > of[0] for of in shares)
    fit = sorted(
        (float(row["corruption"]), int(row["epochs_to_fit"]))
        for row in rows(docs.IN_KIND, "fit")
        if row["regularizer"] == "none" and row["condition"].endswith("_labels")
    )
    assert [epochs for _, epochs in fit] == sorted(epochs for _, epochs in fit) and len(fit) == 6
    told = outcomes.in_kind(ROOT / docs.IN_KIND / "tables")
    assert f" in {first} of {len(cells)} noise settings." in told
    assert "Labels of which more are drawn anew take longer to fit." in told
    assert told.endswith(f"grows until the end; here it does in {grow} of {len(shares)} settings.")


def test_values_that_authors_print():
    found = [row for row in rows(docs.RELEASED, "released_agreement") if row["kind"] == "published"]
    forms = defaultdict(dict)
    for row in found:
        forms[row["metric"], row["method"]][row["form"]] = row
    whole = sum(int(next(iter(of.values()))["values"]) for of in forms.values())
    code, text = (
        sum(int(of.get(form, next(iter(of.values())))["agree"]) for of in forms.values())
        for form in ("code", "paper")
    )
    told = outcomes.released(ROOT / docs.RELEASED / "tables")
    assert told.startswith(
        f"Of {whole} values that Northcutt et al. 2021 print {code} agree with ours by the rules of their code, "
        f"{text} by those of their text. "
    )


def test_comparisons_with_plain_regression():
    found = [
        row for row in rows(on_features.ON_FEATURES, "beside_plain")
        if row["noise"].startswith("human_") and row["plain"] == "regression"
        and row["selection"] == "best_noisy_val"
    ]  # fmt: skip
    better, worse, whole = (sum(int(row[name]) for row in found) for name in ("better", "worse", "methods"))
    told = outcomes.on_frozen_features(ROOT / on_features.ON_FEATURES / "tables")
    assert told.endswith(
        f"labels by people, {better} of {whole} comparisons with it are better and {worse} worse."
    )


@pytest.mark.parametrize("folder", [*docs.OUTCOMES, docs.REPLICATION], ids=str)
def test_pages_say_what_came_out(folder):
    page, p = ROOT / folder / "README.md", params.load(ROOT / "params.yaml")
    here = ROOT / "reports" / p.study.datasets[0] / "tables" / "statements.csv"
    if not page.exists() or not here.exists():
        pytest.skip("it was not repeated")
    (told,) = [one for one in elsewhere.found(REPORTS) if one.address == f"{folder.name}/README.md"]
    assert told.outcome == docs.outcome(p, folder), "python -m labelnoise.docs writes it"
    assert page.read_text("utf-8").startswith(f"# {told.title}\n")

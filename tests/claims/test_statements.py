"""The committed claims.yaml, and a stranger's steps to add a claim to it."""

from pathlib import Path

import pytest
import stage_script
from hand_made import accuracies, alternatives, contrasts, fit, imbalance, tiers, verdicts

from labelnoise import artifacts, params, planned, results, words
from labelnoise.claims import compare, kinds, verdict

ROOT = Path(__file__).parents[2]
STATEMENTS = params.load(ROOT / "params.yaml").statements


def of(name: str, tables: dict) -> list[compare.Contrast]:
    """What the committed claim compares, less what these tables lack."""
    return [row for row in kinds.run(tables, {name: STATEMENTS[name]})[name] if len(row.effects)]


def test_ids_are_those_of_the_note():
    """Further claims have further ids, none twice."""
    ids = [statement.id for statement in STATEMENTS.values()]
    assert ids[:25] == list(range(1, 26)) and len(set(ids)) == len(ids)


def test_a_method_taken_out_of_params_needs_no_edit_here():
    named = {name for said in STATEMENTS.values() for one in said.compare for name in one.methods()}
    assert named <= words.METHODS.keys()


@pytest.mark.parametrize(
    ("lead", "early", "expected"),
    [(20.0, 0.93, ["supported", "supported"]), (0.0, 0.69, ["refuted", "refuted"])],
)
def test_patterns_first(lead, early, expected):
    means = {"patterns_first": lead, "test_accuracy_early": early, "test_accuracy": 0.69}
    tables = contrasts({("cross_entropy", metric, "symmetric", 0.4): value for metric, value in means.items()})
    found = of("patterns_first", tables)
    assert [row.unit for row in found] == ["epochs", "accuracy"]
    assert list(verdicts(found).values()) == expected


@pytest.mark.parametrize(("kept", "average", "expected"), [(0.2, 0.6, "supported"), (1.0, 0.4, "refuted")])
def test_prior_loss(kept, average, expected):
    """Joint optimisation keeps all classes; without L_p the share `kept`."""
    joint, without, long = "joint_optimization", "joint_no_prior", "joint_prior_average"
    batch = "joint_noisy_prior"
    shares = {joint: 1.0, without: kept}
    means = {(name, "classes_predicted", "symmetric", 0.4): share for name, share in shares.items()}
    settings = {
        ("ten_classes", joint): (1.0, 0.9), ("ten_classes", without): (kept, 0.9),
        ("hundred_classes", batch): (1.0, 0.5), ("hundred_classes", long): (1.0, average),
        ("long_tail", batch): (1.0, 0.5), ("long_tail", long): (1.0, average),
        ("long_tail_oversampled", joint): (1.0, average),
    }  # fmt: skip
    found = of("prior_loss", contrasts(means) | imbalance(settings))
    assert [(row.contrast, row.cell.noise) for row in found] == [
        (f"{joint} - {without}", "symmetric"),
        (f"{joint} - {without}", "ten_classes"),
        (f"{long} - {batch}", "hundred_classes"),
        (f"{long} - {batch}", "long_tail"),
        (f"{joint} - {batch}", "long_tail_oversampled"),
    ]
    assert set(verdicts(found).values()) == {expected}


@pytest.mark.parametrize(("random", "true", "expected"), [(0.2, 0.9, "supported"), (0.999, 0.5, "refuted")])
def test_large_learning_rate(random, true, expected):
    train = {("random_labels", 1.0, "none"): 1.0, ("random_labels", 1.0, "large_lr"): random}
    test = {("true_labels", 0.0, "none"): 0.92, ("true_labels", 0.0, "large_lr"): true}
    found = of("large_learning_rate", fit(train_accuracy=train, test_accuracy=test))
    assert verdicts(found) == {"none - large_lr": expected, "large_lr - none": expected}


def test_sections_of_the_note_are_families():
    tables = alternatives(loss_last=(0.8, 0.7), aum=(0.9, 0.8), forgetting=(0.9, 0.8)) | tiers(0.98, 0.97)
    some = {name: STATEMENTS[name] for name in ("training_dynamics", "obvious_errors")}
    some["obvious_errors"] = some["obvious_errors"].model_copy(update={"family": "own thoughts"})
    table = verdict.table(kinds.run(tables, some), some, 0.95).dropna(subset="effect")
    assert list(table["id"]) == [13, 13, 19] and set(table["family"]) == {"own thoughts"}
    assert list(table["alpha_low"]) == pytest.approx([0.05 / 2] * 3)
    assert list(table["alpha_high"]) == pytest.approx([0.05 / 4, 0.05 / 4, 0.05 / 2])
    assert list(table["n_seeds"]) == [4, 4, 2]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project's folder with the tables that the stage reads, of which only two have rows."""
    monkeypatch.chdir(tmp_path)
    stage_script.parameters()
    folder = artifacts.of("digits").tables
    for name in (*compare.TABLES, "intervals"):
        results.write(name, results.empty(name), folder)
    for name, table in (alternatives(loss_last=(0.8, 0.5), aum=(0.9, 0.9)) | tiers(0.98, 0.97, 0.98)).items():
        results.write(name, table, folder)
    return folder


def test_the_stage_tests_what_it_finds_and_says_what_it_lacks(project):
    stage_script.run("claims", "digits")
    table = results.read("claims", project)
    found = table[table["verdict"] != "not tested"]
    assert list(zip(found["id"], found["contrast"])) == [(13, "aum - loss_last"), (19, "obvious tier")]
    assert set(table["id"]) == {13, 14, 15, 19}  # of the other tables there are no rows at all
    lacking = table[table["verdict"] == "not tested"]
    assert "no auprc of forgetting in alternatives (mlp, symmetric 0.4)" in set(lacking["evidence"])
    assert lacking["effect"].isna().all() and set(lacking["n_seeds"]) == {0}
    told = results.read("statements", project).set_index("id")
    assert told.loc[[13, 14, 1], "verdict"].tolist() == ["supported", "not tested", "not tested"]
    assert told.loc[13, "rows"] == 1


def test_a_claim_is_one_entry(project):
    """README: add an entry of a kind that is there, run the stage, and its row is in the table `claims`."""
    added = """
gce_helps_here:
  id: 999
  family: losses
  said: Generalised cross-entropy is robust.
  claim: It has a higher test accuracy under noise than cross-entropy.
  source: a talk
  compare:
    - {kind: pairs, pairs: [[gce, cross_entropy]], cells: {symmetric: [0.4]}, threshold: 0.01}
"""
    with open("claims.yaml", "a", encoding="utf-8") as file:
        file.write(added)
    runs = planned.contrast_runs(params.load())
    assert list(runs["gce"]) == [("symmetric", 0.4)]  # and is trained there
    results.write("contrasts", accuracies(gce=0.9, cross_entropy=0.8)["contrasts"], project)
    stage_script.run("claims", "digits")
    row = results.read("claims", project).set_index("id").loc[999]
    assert (row["contrast"], row["verdict"], row["family"]) == ("gce - cross_entropy", "supported", "losses")
    assert results.read("statements", project).set_index("id").loc[999, "as_written"] == "stands"


@pytest.mark.parametrize("chosen", [["cross_entropy", "mae"], ["cross_entropy"]])
def test_methods_that_are_not_studied_are_not_trained_for_claims(chosen, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stage_script.parameters({"study": {"methods": chosen}})
    assert sorted(planned.contrast_runs(params.load())) == chosen

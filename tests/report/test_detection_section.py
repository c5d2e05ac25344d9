"""What the report says of label errors and rechecking, against numbers put into the tables by hand."""

import pandas as pd
import synthetic_detection
import synthetic_tables

from labelnoise.report import detection, noise_kind, recheck

CELL = ("symmetric", 0.4)
TABLES = synthetic_detection.make([("none", 0.0), CELL, ("asymmetric", 0.2)], seeds=2)


def _rates(own, other, overlapping=False):
    key = {"network": "mlp", "noise": "given", "noise_rate": 0.0, "realised_rate": float("nan"), "seed": 0}
    rows = [
        {**key, "estimator": name, "estimate": value, "low": value - 0.02, "high": value + 0.02,
         "overlapping": overlapping}
        for name, value in (("noise_model", own), ("noise_model_confident_joint", other))
    ]  # fmt: skip
    return {"noise_rate": pd.DataFrame(rows)}


def test_the_warning_comes_when_two_estimates_are_far_apart():
    said = noise_kind.sentences(_rates(0.1, 0.17), *CELL)
    assert said[0] == (
        "Labels as given: by the noise model's estimate 10.0% of the labels are wrong "
        "(95% interval 8.0% to 12.0%, for chance over examples alone)."
    )
    assert "T is not identified in labels as given (10.0% or 17.0%)" in said[1]
    assert len(noise_kind.sentences(_rates(0.1, 0.14), *CELL)) == 1


def test_the_warning_of_overlap_comes_where_the_clearest_labels_say_so():
    (told,) = noise_kind.sentences(_rates(0.1, 0.3, overlapping=True), *CELL)  # one of the two is rejected
    assert told.endswith("may be far off: with the confident joint for T, the model says 30.0%.")
    (said,) = detection.sentences(_rates(0.1, 0.1, overlapping=True))
    assert said.startswith("Warning: in labels as given, the clearest images have far fewer wrong labels")
    assert detection.sentences(_rates(0.1, 0.1)) == []


def test_no_interval_is_shown_where_there_is_none():
    table = _rates(0.1, 0.2)["noise_rate"]
    table.loc[1, ["low", "high"]] = float("nan")
    shown = noise_kind.rates(table).frame.set_index("row").iloc[:, -1]
    assert list(shown) == ["10.0\n[8.0, 12.0]", "20.0"]


def test_the_kind_of_noise():
    matrix = pd.DataFrame([
        {"network": "mlp", "noise": "given", "noise_rate": 0.0, "realised_rate": float("nan"), "clean": i,
         "given": j, "estimate": estimate, "low": estimate, "high": estimate, "truth": float("nan")}
        for i, row in zip("abc", [[0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.0, 0.4, 0.6]])
        for j, estimate in zip("abc", row)
    ])  # fmt: skip
    said = noise_kind.sentences(_rates(0.1, 0.1) | {"noise_matrix": matrix}, *CELL)
    assert "c labelled b (40.0%" in said[1] and said[1].index("c labelled b") < said[1].index("a labelled b")
    assert said[2].startswith("Of the wrong labels of a class, 80% name its most frequent wrong class; 50% if")
    told = noise_kind.sentences(_rates(0.1, 0.1) | {"noise_matrix": matrix.assign(truth=0.25)}, *CELL)
    assert "truth" not in said[1] and "c labelled b (40.0%, interval 40.0% to 40.0%; truth 25.0%)" in told[1]
    frame = noise_kind.confusions(matrix, ("given", 0.0)).frame
    assert frame["row"].iloc[0] == "c → b" and "truth" not in frame


def test_tiers_without_truth_tell_what_is_stated_alone():
    table = TABLES["tiers"]
    full = detection.tiers(table).frame
    assert "share of wrong labels [%]" in set(full["group"])
    blind = table.assign(share_wrong=float("nan"), errors_found_share=float("nan"), suggestion_right=float("nan"))
    groups = set(detection.tiers(blind).frame["group"])
    assert groups == {"labels, per seed", "stated share of wrong labels [%]"}


def test_audit_counts_answers_once_over_seeds():
    frame = detection.audit(TABLES["audit"]).frame
    assert frame.set_index("row").loc["obvious", "symmetric 0.4"] == "58 of 60\n96.7 [91.7, 100.0]"


def test_sentences_name_cells_that_are_lost():
    intervals = TABLES["detection_intervals"].copy()
    rival = (intervals["score"] == "early_disagreement") & (intervals["metric"] == "auprc")
    intervals.loc[rival, "mean"] = 0.97
    intervals.loc[rival, ["diff", "diff_low", "diff_high"]] = [-0.05, -0.08, -0.02]
    (said,) = detection.sentences({"detection_intervals": intervals})
    assert "the best other score, early disagreement, 0.970" in said and "clearly better in 0 cells" in said
    assert "clearly worse in 2 (asymmetric 0.2, symmetric 0.4)" in said
    assert detection.sentences({"detection_intervals": intervals[:0]}) == []


def test_what_the_answers_changed():
    cells = [("given", 0.0), ("rechecked", 0.0)]
    tables = synthetic_detection.make(cells, seeds=2, truth=False)
    tables["accuracy"] = synthetic_tables.make(["cross_entropy"], cells, 2, 3)["accuracy"]
    after = (tables["noise_rate"]["noise"] == "rechecked") & (tables["noise_rate"]["estimator"] == "noise_model")
    tables["noise_rate"].loc[after, "estimate"] = 0.05
    frame = recheck.answers(tables, *CELL).frame
    assert list(frame["row"]) == ["labels as they were", "with the answers"]
    assert frame["wrong labels [%]"].iloc[1] == "5.0"
    assert recheck.answers(TABLES, *CELL) is None


def test_what_people_who_err_need():
    key = {"network": "mlp", "noise": "given", "noise_rate": 0.0, "found_share": 0.8}
    costs = [(0.0, 0.3), (0.0, 0.5), (0.05, 0.5), (0.05, 0.7), (0.1, 0.6), (0.1, float("nan"))]
    rows = [key | {"order": "noise_model", "rechecker_error": e, "rechecked_share": share} for e, share in costs]
    rows.append(key | {"order": "random", "rechecker_error": 0.0, "rechecked_share": 0.8})
    (said,) = recheck.sentences({"budget_needed": pd.DataFrame(rows)})
    assert "80% of the wrong labels, 40% of the labels" in said
    assert said.endswith(" When people err in 5%: 60%; in 10%: never reached in 1 of 2 runs.")


def test_links_are_there_for_files_that_are(tmp_path):
    (tmp_path / "recheck").mkdir()
    (tmp_path / "recheck" / "label_studio.json").write_text("[]")
    assert [path for path, _ in recheck.links(tmp_path)] == ["recheck/label_studio.json"]

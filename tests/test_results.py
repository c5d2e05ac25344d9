"""Tables as files: what is empty, what is missing, and what only looks so."""

import pandas as pd
import pytest

from labelnoise import results


def _gallery(given: list[str]) -> pd.DataFrame:
    facts = {"network": "mlp", "noise": "given", "noise_rate": 0.0, "realised_rate": float("nan"), "seed": 0}
    facts |= {"tier": "obvious", "index": 3, "p_wrong": 0.9, "suggestion_confidence": 0.5, "truth": ""}
    return pd.DataFrame(
        {"rank": range(1, len(given) + 1), "given": given, "suggested": given, "file": "a.png"}
    ).assign(**facts)


def test_a_table_without_rows_has_its_columns_and_numbers_are_numbers(tmp_path):
    for name in results.SCHEMA:
        results.write(name, results.empty(name), tmp_path)
        table = results.read(name, tmp_path)
        assert table.empty and list(table.columns) == results.columns(name)
    fit = results.read("fit", tmp_path)
    assert fit["corruption"].dtype == float and fit["condition"].dtype == object
    assert results.read("gallery", tmp_path)["truth"].dtype == object
    assert results.read("noise_matrix", tmp_path)["truth"].dtype == float


def test_classes_called_na_none_and_1_are_names(tmp_path):
    names = ["NA", "None", "null", "nan", "01"]
    results.write("gallery", _gallery(names), tmp_path)
    table = results.read("gallery", tmp_path)
    assert list(table["given"]) == names and table["truth"].isna().all()


def test_keys_with_an_unknown_rate_are_still_keys(tmp_path):
    """A realised rate that nobody knows is NaN: equal keys repeat, and rows are in order."""
    results.write("gallery", _gallery(["b", "a"])[::-1], tmp_path)
    assert list(results.read("gallery", tmp_path)["rank"]) == [1, 2]
    with pytest.raises(ValueError, match="gallery: 1 rows repeat the key"):
        results.check("gallery", _gallery(["b", "a"]).assign(rank=1))


def _tiers(**changed) -> pd.DataFrame:
    row = {"network": "pixels", "noise": "symmetric", "noise_rate": 0.4, "realised_rate": 0.41, "seed": 3,
           "tier": "obvious", "count": 10, "share_wrong": 0.9, "errors_found_share": 0.5, "stated": 0.97,
           "suggestion_right": 1.0}  # fmt: skip
    return pd.DataFrame([row, {**row, "seed": 4, **changed}])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"share_wrong": 1.01}, "column share_wrong, row 2 .*seed 4.*: 1.01 is no number from 0 to 1"),
        ({"share_wrong": -1e-6}, "column share_wrong, row 2"),
        ({"count": -1}, "column count, row 2 .*: -1 is no integer from 0"),
        ({"count": 2.5}, "column count, row 2 .*: 2.5 is no integer from 0"),
        ({"stated": "much"}, "column stated, row 2 .*: much is no number from 0 to 1"),
        ({"stated": True}, "column stated, row 2"),
    ],
)
def test_a_value_of_another_type_or_out_of_range_is_not_written(tmp_path, changed, told):
    """Errors name table, column and row, and nothing is written."""
    with pytest.raises(ValueError, match=f"table tiers, {told}"):
        results.write("tiers", _tiers(**changed), tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_off_by_rounding_is_put_on_the_limit_and_missing_values_pass(tmp_path):
    results.write("tiers", _tiers(share_wrong=1 + 1e-12, stated=-1e-15, suggestion_right=float("nan")), tmp_path)
    assert (tmp_path / "tiers.csv").read_text().splitlines()[
        2
    ] == "pixels,symmetric,0.4,0.41,4,obvious,10,1,0.5,0,"


def test_flags_are_true_or_false(tmp_path):
    row = {"network": "mlp", "noise": "none", "noise_rate": 0.0, "realised_rate": 0.0, "seed": 0, "clock": 1.0,
           "censored": True, "highest_agreement": 2.0, "best_test": 3.0}  # fmt: skip
    results.write("clock", pd.DataFrame([row]), tmp_path)
    with pytest.raises(ValueError, match=r"table clock, column censored, row 1 .*: 1 is no boolean"):
        results.write("clock", pd.DataFrame([{**row, "censored": 1}]), tmp_path)


def test_classes_may_be_called_by_numbers(tmp_path):
    frame = _gallery(["1", "2"]).assign(given=[1, 2])
    results.write("gallery", frame, tmp_path)
    assert list(results.read("gallery", tmp_path)["given"]) == ["1", "2"]

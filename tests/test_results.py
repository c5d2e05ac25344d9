"""Tables as files: what is empty, what is missing, and what only looks so."""

import pandas as pd
import pytest

from labelnoise import results


def _gallery(given: list[str]) -> pd.DataFrame:
    facts = {"network": "mlp", "noise": "given", "noise_rate": 0.0, "realised_rate": float("nan"), "seed": 0}
    facts |= {"tier": "obvious", "index": 3, "p_wrong": 0.9, "suggestion_confidence": 0.5, "truth": ""}
    return pd.DataFrame({"rank": range(len(given)), "given": given, "suggested": given, "file": "a.png"}).assign(
        **facts
    )


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
    assert list(results.read("gallery", tmp_path)["rank"]) == [0, 1]
    with pytest.raises(ValueError, match="gallery: 1 rows repeat the key"):
        results.check("gallery", _gallery(["b", "a"]).assign(rank=0))

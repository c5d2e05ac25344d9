"""The stage: tables of a study in, published values beside them out."""

import sys
from pathlib import Path

import pytest
import stage_script

from labelnoise import artifacts, results
from labelnoise.papers import ours

sys.path.insert(0, str(Path(__file__).parents[1] / "figures"))
import synthetic_tables


@pytest.fixture
def study(tmp_path, monkeypatch):
    """The tables of a study of digits, in this folder."""
    monkeypatch.chdir(tmp_path)
    cells = [("none", 0.0), ("symmetric", 0.2), ("symmetric", 0.4)]
    tables = synthetic_tables.make(["cross_entropy", "gce", "elr"], cells, seeds=3, epochs=4)
    synthetic_tables.write(artifacts.of("digits").tables, {name: tables[name] for name in ours.NEEDED})
    return artifacts.of("digits").tables


def test_a_data_set_that_stands_in_for_another(study):
    stage_script.parameters({"datasets": {"digits": {"papers": ["CIFAR-10"]}}})
    stage_script.run("papers", "digits")
    found, counts = results.read("papers", study), results.read("papers_agreement", study)
    row = found[found["their_method"].eq("GCE") & found["noise_rate"].eq(0.2) & found["selection"].eq("last")]
    row = row[row["paper"] == "Wang et al. 2024"].iloc[0]
    own = results.read("intervals", study).query("method == 'gce' and noise == 'symmetric' and noise_rate == 0.2")
    own = own[(own["metric"] == "test_accuracy") & (own["selection"] == "last")].iloc[0]
    assert [row["mean"], row["low"], row["high"]] == [own["mean"], own["low"], own["high"]]
    assert row["difference"] == pytest.approx(row["mean"] - row["published"], abs=1e-5)
    assert "images that stand in for CIFAR-10 here" in row["protocol"] and row["tolerance"] == 0.02
    assert counts["here"].sum() == len(found.drop_duplicates(results.SCHEMA["papers"][0][:-3])) > 10
    before = (study / "papers.csv").read_bytes()
    stage_script.run("papers", "digits")
    assert (study / "papers.csv").read_bytes() == before


def test_a_data_set_that_no_paper_has(study):
    stage_script.parameters()
    stage_script.run("papers", "digits")
    assert results.read("papers", study).empty and results.read("papers_agreement", study).empty


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"datasets": {"digits": {"papers": ["CIFAR10"]}}}, "datasets.digits.papers: 'CIFAR10': no published"),
        ({"papers": {"tolerance": {"test_accuracy": 2}}}, "papers.tolerance.test_accuracy = 2"),
        ({"papers": {"tolerance": {"accuracy": 0.1}}}, "papers.tolerance: unknown key 'accuracy'"),
    ],
)
def test_what_is_off_is_named_and_nothing_is_written(study, changed, said):
    stage_script.parameters(changed)
    with pytest.raises(SystemExit, match=said.replace(".", r"\.")):
        stage_script.run("papers", "digits")
    assert not (study / "papers.csv").exists()

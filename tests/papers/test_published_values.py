"""published.csv is sound, and docs/papers.md counts what is in it."""

import re
from pathlib import Path

import pandas as pd
import pytest

from labelnoise import docs, words
from labelnoise.noise import NOISES
from labelnoise.papers import published
from labelnoise.sections import Tolerance

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "papers.md").read_text("utf-8")
COLUMNS = ["dataset", "noise", "noise_rate", "sparsity", "their_noise", "method", "their_method", "network",
           "architecture", "regularizer", "selection", "metric", "value", "std", "unit", "n_seeds", "epochs",
           "augmentation", "protocol", "paper", "table", "year", "source", "kind", "verified"]  # fmt: skip
# of confident learning and of estimates of T, which are no rows of `methods` and no scores
RULES = {"prune_by_noise_rate", "prune_by_class", "both", "confident_learning", "predicted_neq_given",
         "confident_joint", "argmax_counts"}  # fmt: skip
NOT_OURS = {"test_top5_accuracy", "joint_rmse", "flagged", "errors"}  # metrics that the study does not have


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return published.read()


def test_every_value_has_one_key_and_a_citation(table):
    assert list(table.columns) == COLUMNS and len(table) > 1200
    assert not table.duplicated(published.KEYS).any()
    assert (table[["dataset", "paper", "table", "source", "metric", "noise"]] != "").all(axis=None)
    for text in (table[name] for name in COLUMNS if table[name].dtype == object):
        assert not text.str.contains(r"/work|/home|/tmp|recalled|machine-written", regex=True).any()


def test_values_are_shares_and_words_are_ours(table):
    shares = table[table["unit"] != "count"]
    assert shares["value"].between(0, 1.1).all() and shares["std"].dropna().between(0, 0.1).all()
    assert (shares.loc[shares["metric"] != "relative_l1", "value"] <= 1).all()
    assert set(table["unit"]) == {"percent", "error in percent", "share", "count"}
    assert set(table["kind"]) == set(published.KINDS) and set(table["verified"]) == {"yes", "no"}
    assert (table.loc[table["kind"] != published.PUBLISHED, "verified"] == "yes").all()
    own = {"", published.NOT_SAID, "best_clean_val"}
    assert set(table["selection"]) <= {*words.SELECTIONS} | own
    assert set(table["metric"]) == {*Tolerance.model_fields} | NOT_OURS
    plain = table.loc[~table["noise"].str.startswith(("human_", "twin_")), "noise"]
    assert set(plain) <= {*NOISES, "given"}


def test_every_method_is_known_or_marked(table):
    trained = table[table["selection"] != ""]
    assert set(trained["method"]) <= {*words.METHODS, published.NOT_HERE}
    rest = set(table.loc[table["selection"] == "", "method"])
    assert rest <= {*words.SCORES} | RULES | {""}


def test_values_that_were_checked_by_hand(table):
    """Zhang et al. 2017, table 1; the README of ELR, printed in percent; a test error of 1.2%."""
    zhang = table[(table["paper"] == "Zhang et al. 2017") & (table["table"] == "Table 1")]
    mlp = zhang.set_index(["network", "noise", "regularizer", "metric"])["value"]
    assert len(zhang) == 38
    assert mlp["mlp_1x512", "random", "none", "train_accuracy"] == 0.9934
    assert mlp["mlp_1x512", "none", "weight_decay", "test_accuracy"] == 0.5039
    assert mlp["mlp_3x512", "none", "none", "test_accuracy"] == 0.5239
    elr = table[(table["table"] == "README of the code") & (table["noise"] == "asymmetric")]
    assert sorted(elr["value"]) == [0.7371, 0.7396, 0.9012, 0.9035]
    kernel = table[(table["unit"] == "error in percent") & (table["dataset"] == "MNIST")]
    assert 0.988 in set(kernel["value"])


def test_the_tolerance_of_accuracy_is_what_a_replication_came_to(table):
    """26 of 36, as docs/papers.md and params.yaml say."""
    there = table[(table["paper"] == "Wei et al. 2022") & (table["metric"] == "test_accuracy")]
    again = table[(table["table"] == "logs of Table 2") & (table["selection"] == "best_test")]
    both = there.merge(again, on=["dataset", "noise", "noise_rate", "their_method"])
    near = ((both["value_x"] - both["value_y"]).abs().round(6) <= 0.02).sum()
    told = f"{near} of {len(both)} values"
    assert told == "26 of 36 values" and told in DOCS and told in (ROOT / "params.yaml").read_text("utf-8")


def test_the_docs_count_what_is_there_and_what_is_not(table):
    assert docs.published() in DOCS
    gone = [int(number) for number in re.findall(r"^\| (\d+) \| not in it", DOCS, re.MULTILINE)]
    read = int(re.search(r"collection of ([\d,]+) values", DOCS)[1].replace(",", ""))
    later = int(re.search(r"(\d+) values were added later", DOCS)[1])
    assert len(table) == read - sum(gone) + later


def test_agreement_is_counted_by_paper_and_form():
    """What has one form alone belongs to both."""
    released = pd.DataFrame(
        [("published", "f1", "both", "code", 6, 6), ("published", "f1", "both", "paper", 6, 4),
         ("published", "auroc", "margin", "paper", 3, 2)],
        columns=["kind", "metric", "method", "form", "values", "agree"],
    )  # fmt: skip
    repeated = pd.DataFrame({"paper": ["B", "A", "A"], "kind": "published", "agrees": ["no", "yes", "undecided"]})
    counts = [re.findall(r"\d+", line)[-2:] for line in docs.agreement(repeated, released).splitlines()[2:]]
    assert counts == [["9", "8"], ["9", "6"], ["0", "0"], ["0", "0"], ["2", "1"], ["1", "0"]]


def test_the_docs_say_how_many_agree():
    """Of Zhang et al. each value within its tolerance, counted from the table itself."""
    rows = pd.read_csv(ROOT / "reports" / "zhang2017" / "tables" / "papers.csv")
    own = rows[(rows["paper"] == "Zhang et al. 2017") & rows["mean"].notna()]
    near = ((own["mean"] - own["published"]).abs() <= own["tolerance"]).sum()
    assert (
        f"| Zhang et al. 2017 | published | multi-layer perceptrons, trained here | {len(own)} | {near} |" in DOCS
    )


def test_every_column_is_in_the_data_dictionary():
    dictionary = DOCS.split("## Columns of published.csv")[1]
    described = re.findall(r"^\| `(\w+)` \|", dictionary, re.MULTILINE)
    assert described == COLUMNS


def test_a_data_set_stands_for_the_published_one_of_its_name():
    assert published.names("cifar10", None, own=False) == ["CIFAR-10"]
    assert published.names("cifar10n", None, own=False) == ["CIFAR-10N", "CIFAR-10"]
    assert published.names("cifar10_jpeg", None, own=False) == published.names("digits", None, own=False) == []
    assert published.names("cifar10_jpeg", ["CIFAR-10"], own=True) == ["CIFAR-10"]
    assert published.names("mnist", None, own=True) == published.names("mnist", [], own=False) == []
    with pytest.raises(ValueError, match=r"datasets\.mine\.papers: 'CIFAR10'.*allowed: CIFAR-10, "):
        published.check("mine", ["CIFAR10"])

"""README.md and docs/ name what there is: commands, files, keys of params.yaml, methods, stages.

What is generated in them is what the code gives."""

import importlib.util
import re
from functools import reduce
from pathlib import Path

import pandas as pd
import pytest
import typer
import yaml

from labelnoise import cli, docs, params
from labelnoise.methods import METHODS
from labelnoise.report import on_features

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")] + sorted((ROOT / "docs").glob("*.md"))
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in PAGES}
EVERY = pytest.mark.parametrize("page", TEXTS)
CHOSEN = params.load(ROOT / "params.yaml")
RAW = yaml.safe_load((ROOT / "params.yaml").read_text())
NEW = re.compile("taylor_cross_entropy|studies/dropout|/mine")  # files that readers are to write
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]


def test_readme_is_short():
    assert len(TEXTS["README.md"].encode()) < 10_000
    assert all(f"docs/{path.name}" in TEXTS["README.md"] for path in PAGES if path.parent.name == "docs")


@EVERY
def test_make_commands_are_targets(page):
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"(?:^|`|&& |cpu )make(?: ([a-z]+))?(?=[`\s])", TEXTS[page], re.MULTILINE)
    assert {name for name in named if name} <= {*targets, "again"}


@EVERY
def test_commands_and_their_options_are_there(page):
    commands = typer.main.get_command(cli.app).commands
    for name, rest in re.findall(r"(?:^|`)labelnoise (\w+)([^`#\n]*)", TEXTS[page], re.MULTILINE):
        options = {word for option in commands[name].params for word in (*option.opts, *option.secondary_opts)}
        assert set(re.findall(r"--[a-z-]+", rest)) <= {*options, "--help"}, name


@EVERY
def test_modules_scripts_and_paths_are_there(page):
    text = TEXTS[page]
    for module in re.findall(r"python -m (labelnoise[\w.]*)", text):
        assert importlib.util.find_spec(module), module
    paths = re.findall(
        r"(?:`|python )((?:src|stages|presets|notebooks|tests|docs|examples)/[\w./-]*)(?![<*])", text
    )
    assert not [path for path in paths if not NEW.search(path) and not (ROOT / path).exists()]


@EVERY
def test_keys_are_those_of_params(page):
    """Keys in backticks, as `recheck.cost`; a data set has those of its defaults too."""
    known = RAW | {"datasets": RAW["datasets"] | {"folder": RAW["dataset_defaults"] | RAW["datasets"]["folder"]}}
    keys = re.findall(rf"[`\s]((?:{'|'.join(RAW)})(?:\.\w+)+)[`:=]", TEXTS[page])
    for key in (key for key in keys if not key.endswith((".yaml", ".md", ".py"))):
        reduce(lambda section, part: section[part], key.split("."), known)  # KeyError names it


def written() -> set[str]:
    """What stages write, of any data set: it need not be there."""
    kinds = ("outs", "metrics", "plots")
    outs = [out for stage in STAGES.values() for kind in kinds for out in stage.get(kind, [])]
    names = {next(iter(out)) if isinstance(out, dict) else out for out in outs}
    return {name.replace("${item.dataset}", "digits") for name in names}


def anchors(text: str) -> set[str]:
    """As code hosts make them of headings."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@EVERY
def test_links_resolve(page):
    outs = written()
    for link in re.findall(r"\]\((?!https:)([^)\s]+)\)", TEXTS[page]):
        name, _, anchor = link.partition("#")
        path = ((ROOT / page).parent / name).resolve() if name else ROOT / page
        relative = path.relative_to(ROOT.resolve()).as_posix()
        apart = (docs.REPLICATION, docs.RELEASED, on_features.ON_FEATURES, docs.TABLE_1, docs.IN_KIND)
        made_apart = tuple(f"{folder}/" for folder in apart)
        if relative.startswith("reports/") and not relative.startswith(made_apart):
            assert any(relative == out or relative.startswith(f"{out}/") for out in outs), link
        else:
            assert path.exists() and (not anchor or anchor in anchors(path.read_text("utf-8"))), link


def test_every_method_noise_model_score_and_term_has_its_row():
    """Rows of methods that were taken out of params.yaml may stay."""
    text, parts = TEXTS["docs/methods.md"], (docs.methods(CHOSEN), docs.noises(), docs.scores())
    missing = [line for part in parts for line in part.splitlines() if line not in text]
    missing += [line for line in docs.terms().splitlines() if line not in TEXTS["docs/results.md"]]
    assert not missing, "python -m labelnoise.docs writes them"
    files = re.findall(r"\]\(\.\./src/labelnoise/methods/(\w+)\.py\)", text)
    assert set(files) >= set(METHODS) & {params.resolved(CHOSEN, name)[0] for name in CHOSEN.methods}


def test_every_stage_is_listed():
    assert not [name for name in STAGES if f"\n| `{name}` |" not in TEXTS["docs/pipeline.md"]]


def test_what_came_of_claims_on_other_data_is_what_the_tables_say():
    folders = [ROOT / "reports" / name / "tables" for name in (CHOSEN.study.datasets[0], "replication")]
    if not all((folder / "statements.csv").exists() for folder in folders):
        pytest.skip("no study, or no replication, was made")
    told = docs.replication(CHOSEN, *map(docs.verdicts, folders))
    assert told in (ROOT / docs.REPLICATION / "README.md").read_text("utf-8"), (
        "python -m labelnoise.docs writes it"
    )


def test_claims_on_other_data_are_counted_by_hand():
    """Of six claims one compares no methods, one was not tested and one in part; the others: the same, open, the
    other way, which is a question. Of comparisons one has the other outcome."""
    names = ("obvious_errors", "warp", "modified_data", "orientation", "soft_labels", "second_form")
    ids = [CHOSEN.statements[name].id for name in names]
    facts = {"id": ids, "claim": list("abcdef"), "kind": ["tested"] * 5 + ["question answered"], "rows": 2}
    here = pd.DataFrame({**facts, "verdict": ["supported"] * 5 + ["refuted"]})
    verdicts = ["supported", "not tested", "supported", "supported", "open", "supported"]
    there = here.assign(verdict=verdicts, rows=[2, 0, 1, 2, 2, 2])
    row = {"id": ids[3], "contrast": "mae - gce", "noise": "symmetric", "noise_rate": 0.4, "verdict": "supported"}
    one = pd.DataFrame([row, row | {"contrast": "gce - mse"}])
    told = docs.replication(
        CHOSEN, (here, one), (there, one.assign(verdict=["refuted", "supported"]))
    ).splitlines()
    assert told[0] == (
        "The study decided 3 claims of which every comparison was made here too. With the same verdict here: 1; "
        "open: 1; with the other one: 1. Of 2 single comparisons that both decided, with the other outcome here: "
        "1 (no. 4, MAE minus GCE (symmetric 0.4))."
    )
    assert told[4:] == [
        "| 17 | c | supported | supported | 1 of 2 |",
        "| 4 | d | supported | supported | 2 of 2 |",
        "| 11 | e | supported | open | 2 of 2 |",
        "| 5 | f | not in all comparisons | yes | 2 of 2 |",
    ]


def test_obvious_errors_beside_the_truth_are_counted_together():
    rows = [
        ["some", 0, 0.81, "about", True, 10, 0.9],
        ["some", 11, 0.9, "between", False, 30, 1],
        ["some", 12, 0.7, "at most", True, 20, 1],
        ["some", 13, 0.7, "between", True, 0, None],
        ["other", 1, 0.5, None, None, 0, None],
    ]
    table = pd.DataFrame(rows, columns=["labels", "seed", "auprc", "told", "within", "obvious", "obvious_wrong"])
    told = docs.obvious(table.assign(images="fashion_mnist", features="pixels", count=50)).splitlines()[2:]
    assert told == [
        "| Fashion-MNIST, 50 | pixels | other | 0.50 |  | 0 of 1 | 0 |  |  |",
        "| Fashion-MNIST, 50 | pixels | some | 0.81 to 0.90 | range: 1 of 2 | 2 of 2 | 40 | 97.5% | 90.0% of 10 |",
        "| Fashion-MNIST, 50, drawn anew | pixels | some | 0.70 | limit: 1 of 1, range: 1 of 1 | 1 of 2 "
        "| 20 | 100.0% | 100.0% of 20 |",
    ]
    assert docs.obvious(pd.read_csv(ROOT / docs.OBVIOUS)) in TEXTS["docs/results.md"]


@pytest.mark.parametrize(("write", "folder"), [(docs.table_1, docs.TABLE_1), (docs.in_kind, docs.IN_KIND)])
def test_what_came_of_a_repeated_paper_is_what_its_tables_say(write, folder):
    page = ROOT / folder / "README.md"
    if not page.exists():
        pytest.skip("it was not repeated")
    text = page.read_text("utf-8")
    assert write(text, ROOT / folder / "tables") == text, "python -m labelnoise.docs writes it"

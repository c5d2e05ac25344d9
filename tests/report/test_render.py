import html
import re
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import pytest
from made_report import BAD, METHODS, make_reports, write

from labelnoise import results
from labelnoise.params import load
from labelnoise.report import by_method, layout, render

ROOT = Path(__file__).parents[2]


class _Parts(HTMLParser):
    """All start tags with their attributes."""

    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def _tags(page):
    parser = _Parts()
    parser.feed(page)
    return parser.tags


def test_every_accuracy_and_interval_is_in_page_and_summary(rendered):
    page, summary = rendered.page, rendered.summary
    table = results.read("intervals", rendered.reports / "digits" / "tables")
    honest = table.query("metric == 'test_accuracy' and selection != 'best_test'")
    methods = rendered.methods
    for row in honest.itertuples():
        mean, low, high = (f"{100 * value:.1f}" for value in (row.mean, row.low, row.high))
        assert re.search(rf">(● |○ )?{mean}\n\[{low}, {high}\]<", page)
        assert f"| {mean} [{low}, {high}] " in methods
        if row.selection == "last":
            assert re.search(rf"\| (● |○ )?{mean} \[{low}, {high}\] ", summary)


def test_differences_are_marked_exactly_where_the_table_says_so(rendered):
    page = rendered.page
    table = results.read("intervals", rendered.reports / "digits" / "tables")
    rows = table.query("metric == 'test_accuracy' and selection == 'last' and baseline_selection == 'last'")
    rows = rows[rows["method"] != "cross_entropy"]
    for row in rows.itertuples():
        mark = ("▲ " if row.diff > 0 else "▼ ") if row.differs else ""
        bounds = f"[{100 * row.diff_low:z.1f}, {100 * row.diff_high:z.1f}]"
        assert f">{mark}{100 * row.diff:+z.1f}\n{bounds}<".replace("-", "−") in page


def test_nothing_is_loaded_from_outside(rendered):
    page = rendered.page
    assert "http" not in page and "@import" not in page and "url(" not in page
    loading = {"src": [], "href": []}
    for tag, attributes in _tags(page):
        assert tag not in ("script", "link", "iframe", "object")
        for key, found in loading.items():
            found += [attributes[key]] if key in attributes else []
    assert sorted(loading["src"]) == ["figures/accuracy.svg", "pictures/overview.svg"]  # those of this study
    for target in [*loading["src"], *loading["href"]]:
        assert target.startswith("#") or (rendered.reports / "digits" / target).exists()


def test_the_overview_is_short_and_every_link_leads_somewhere(eventful):
    text = (eventful.reports / "index.html").read_text()
    targets = [attributes["href"] for tag, attributes in _tags(text) if tag == "a"]
    assert {"digits/index.html", "digits/to_recheck.csv", "summary.md", "methods.md"} <= set(targets)
    for target in targets:
        assert target == "#how-to-read" or (eventful.reports / target).exists()
    assert "<img" not in text and "wrong labels (symmetric 0.4)" in text and len(text) < 50_000


def test_files_that_were_left_out_are_named(rendered, eventful):
    page, summary = eventful.page, eventful.summary
    assert "cat/&lt;2&gt;.png" in page and "2, as they cannot be read" in page and "too large" in summary
    assert "files left out" not in rendered.page.lower()


def test_text_from_data_is_escaped(eventful):
    for text in (eventful.page, eventful.summary):
        assert "<script" not in text and text.count(html.escape(BAD)) > 1  # the method and the definition


def test_image_has_a_description_and_ids_are_unique(rendered):
    page, summary = rendered.page, rendered.summary
    tags = _tags(page)
    assert all(attributes.get("alt") for tag, attributes in tags if tag == "img")
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    tables = [name for name in ids if re.fullmatch(r"digits(-[a-z0-9]+)*", name)]
    assert len(tables) == len(set(tables)) and {"digits", "digits-accuracy", "digits-ledger"} <= set(tables)
    missing = {attributes["src"]: "dvc pull" in attributes["alt"] for tag, attributes in tags if tag == "img"}
    assert missing == {"figures/accuracy.svg": True, "pictures/overview.svg": False}  # git has the latter
    assert "![Every method in every noise cell](digits/pictures/overview.svg)" in summary
    assert "([figure](digits/figures/accuracy.svg); not in git: `dvc pull reports/digits/figures`" in summary


def test_without_studies_their_parts_are_left_out(rendered, bare):
    headings = {"Claims", "Memorisation", "Gradients", "Imbalance"}
    for text in (rendered.page, rendered.summary):
        assert all(re.search(rf"(>|### ){heading}\b", text) for heading in headings)
    for text in (bare.page, bare.summary):
        assert not any(re.search(rf"(>|### ){heading}\b", text) for heading in headings)


def test_every_method_and_variant_has_one_heading(rendered):
    headings = re.findall(r"^### (.*)$", rendered.methods, flags=re.MULTILINE)
    assert sorted(headings) == sorted([*METHODS, "joint_hard", "warp_sampled"])


def test_every_method_has_a_heading_before_it_was_run(tables):
    """README links to it."""
    names = list(load(ROOT / "params.yaml").methods)
    found = by_method.entries(tables, names, {})
    assert sorted(name for texts in found.values() for name in texts) == sorted(names)


def test_refuted_statements_are_listed_as_wrong_and_escaped(rendered):
    page, summary = rendered.page, rendered.summary
    listed = page[page.index("wrong as written") : page.index("Statement by statement")]
    assert "the note said 1 &lt;b&gt;boldly&lt;/b&gt;" in listed and "the note said 2" not in listed
    assert "<b>boldly" not in page + summary


MISSING = dict(
    zip(render.OPTIONAL, combinations(range(7), 3), strict=False)
)  # table: in which tries it is missing


@pytest.mark.parametrize("place", range(7))
def test_optional_tables_may_be_missing(tables, params, tmp_path, monkeypatch, place):
    """For every two tables there is a try with the one and without the other."""
    assert set(MISSING) == set(render.OPTIONAL)
    monkeypatch.setattr(layout, "html", lambda table, prefix: table.title)  # which takes half of the time
    missing = {name for name, places in MISSING.items() if place in places}
    kept = {name: table for name, table in tables.items() if name not in missing}
    assert "Test accuracy" in write(make_reports(kept, tmp_path), params).page


def test_a_required_table_may_not(reports, params):
    (reports / "digits" / "tables" / "curves.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"curves\.csv"):
        write(reports, params)
    assert not (reports / "index.html").exists()


def test_diverged_runs_are_listed(rendered, eventful):
    assert "none, every run ended with a finite loss." in rendered.page
    assert "digits-diverged" in eventful.page and "every run ended" not in eventful.page
    assert "diverged runs: 1" in eventful.summary  # one run, not one per selection


def test_fewer_seeds_are_marked_counted_as_incomplete_and_explained(rendered, eventful):
    for text in (rendered.page, rendered.summary):
        assert not re.search("incomplete|n=[01] of 3|Crosses", text.lower())
    for text in (eventful.page, eventful.summary):
        assert (
            all(re.search(rf"[]–]\sn={seeds} of 3", text) for seeds in (0, 1))
            and "Crosses: seeds diverged" in text
        )
        assert re.search(r"better, \d+ worse, \d+ undecided, 2 incomplete \(seeds diverged\)", text)
        assert "Incomplete: seeds diverged on either side" in text


def test_bootstrap_bags_are_told(rendered):
    for text in (rendered.page, rendered.summary):
        assert "20 bags for the first 2 seeds of symmetric 0.4; 5 epochs each" in text
        assert "Out-of-bag; mean over 2 seeds" in text and "Mean over 2 seeds (lowest–highest seed). AUROC" in text


def test_oracles_stand_apart(rendered):
    page = rendered.page
    table = page[page.index('id="digits-accuracy"') :]
    heading, oracle = table.index("oracles, given the truth"), table.index("forward oracle")
    assert table.index("joint optimization") < heading < oracle

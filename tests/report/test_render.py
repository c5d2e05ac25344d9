import hashlib
import html
import re
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import pytest
from made_report import BAD, METHODS, make_reports, write

from labelnoise import results
from labelnoise.params import load
from labelnoise.report import by_method, layout, provenance, render

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


def test_every_accuracy_and_interval_is_in_its_page(rendered):
    page = rendered.page
    table = results.read("intervals", rendered.reports / "digits" / "tables")
    honest = table.query("metric == 'test_accuracy' and selection != 'best_test'")
    for row in honest.itertuples():
        mean, low, high = (f"{100 * value:.1f}" for value in (row.mean, row.low, row.high))
        assert re.search(rf">(● |○ )?{mean}\n\[{low}, {high}\]<", page)


def test_differences_are_marked_exactly_where_the_table_says_so(rendered):
    page = rendered.page
    table = results.read("intervals", rendered.reports / "digits" / "tables")
    rows = table.query("metric == 'test_accuracy' and selection == 'last' and baseline_selection == 'last'")
    rows = rows[rows["method"] != "cross_entropy"]
    for row in rows.itertuples():
        mark = ("▲ " if row.diff > 0 else "▼ ") if row.differs else ""
        bounds = f"[{100 * row.diff_low:z.1f}, {100 * row.diff_high:z.1f}]"
        assert f">{mark}{100 * row.diff:+z.1f}\n{bounds}<".replace("-", "−") in page


def test_a_note_stands_above_everything(rendered, bare):
    """On all pages but those to look words up in."""
    told, pages = "<p><b>A &lt;miniature&gt;: no results.</b></p>", bare.reports.rglob("*.html")
    assert {of.name for of in pages if told not in of.read_text()} == {"columns.html", "glossary.html"}
    assert "**A &lt;miniature&gt;: no results.**" in bare.summary and "no results" not in rendered.page


def test_nothing_is_loaded_from_outside(rendered):
    """The page of answers is one file; others show figures of this study."""
    folder = rendered.reports / "digits"
    assert not [tag for tag, attributes in _tags(rendered.main) if "src" in attributes]
    for path in (folder / "index.html", *(folder / "more").glob("*.html")):
        page = path.read_text()
        assert not re.search(r"https?://(?!www\.w3\.org)", page) and "@import" not in page
        for tag, attributes in _tags(page):
            assert tag not in ("link", "iframe", "object")
            for target in (attributes.get("src"), attributes.get("href")):
                later = (target or "").endswith(
                    ("glossary.html", "columns.html", "datapackage.json")
                )  # of the stage `report`
                if target and not target.startswith("#") and not later:
                    assert (path.parent / target.split("#")[0]).exists(), (path, target)
    shown = [attributes["src"] for tag, attributes in _tags(rendered.page) if tag == "img"]
    assert sorted(shown) == ["../figures/accuracy.svg", "../pictures/overview.svg"]  # those of this study


def test_a_page_stands_whole_without_scripts(rendered):
    """Scripts sort and filter, and open what is folded before it is printed."""
    for path in (rendered.reports / "digits").rglob("*.html"):
        scripts = re.findall(r"<script>(.*?)</script>", path.read_text(), re.S)
        assert len(scripts) == 1 and "beforeprint" in scripts[0]
        assert len(scripts[0]) < (8_300 if path.name == "index.html" else 4_000)  # the chart stands on one page


def test_figures_within_the_page_have_its_colours_and_ids_of_their_own(rendered):
    figures = re.findall(r"<svg role=.*?</svg>", rendered.main, re.S)
    assert len(figures) == 2
    for figure in figures:
        assert "var(--ink)" in figure and "var(--paper)" in figure and "DejaVu" not in figure
        (name,) = re.findall(r"\.([\w-]+-s0)\{fill: var\(--f-blue\)\}", figure)  # of no other figure
        assert f'<use class="{name}"' in figure and rendered.main.count(f".{name}{{") == 1
        assert not re.search("#[0-9a-fA-F]{6}\\b", figure) and 'aria-label="' in figure
    ids = re.findall(r'\bid="([^"]*)"', rendered.main)
    assert len(ids) == len(set(ids)) and "leading-last-m1" in ids
    assert set(re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', "".join(figures))) == {
        ("leading-last-m1", ""), ("", "leading-last-m1"),
        ("by-rate-symmetric-m1", ""), ("", "by-rate-symmetric-m1"),
    }  # fmt: skip


def test_under_every_table_stands_where_it_is_from(rendered):
    folder = rendered.reports / "digits"
    for path in (folder / "index.html", *(folder / "more").glob("*.html")):
        page = path.read_text()
        assert page.count('class="of-results"') + page.count("<figure") == page.count('class="source"')
    digest = hashlib.md5((folder / "tables" / "intervals.csv").read_bytes()).hexdigest()[:8]
    assert f'<a href="tables/intervals.csv">intervals.csv</a> {digest}' in rendered.main
    assert "stage uncertainty" in rendered.main and "datasets.digits, evaluate" in rendered.main


def test_every_table_of_the_report_is_known_to_be_of_some_result_table(rendered):
    keys = re.findall(r'<div id="digits-([\w-]+)" class="scroll"', rendered.page)
    assert len(keys) > 20
    for key in keys:
        found = provenance.of_table(provenance.Map(rendered.reports / "digits", {}, {}, {}), key)
        assert found.tables and all(address[7:-4] in results.SCHEMA for address, _ in found.tables)


def test_the_overview_is_short_and_every_link_leads_somewhere(eventful):
    text = (eventful.reports / "index.html").read_text()
    targets = [attributes["href"] for tag, attributes in _tags(text) if tag == "a"]
    assert {"digits/index.html", "digits/to_recheck.csv", "summary.md", "methods.md"} <= set(targets)
    for target in targets:
        later = target in ("glossary.html", "columns.html")  # of the stage `report`
        assert target.startswith("#") or later or (eventful.reports / target).exists()
    assert "<img" not in text and "How many labels must I recheck?" in text and len(text) < 50_000


def test_files_that_were_left_out_are_named(rendered, eventful):
    assert "cat/&lt;2&gt;.png" in eventful.page and "too large" in eventful.page
    assert "files left out" not in rendered.page.lower()


def test_text_from_data_is_escaped(eventful):
    assert BAD not in eventful.page and BAD not in eventful.summary
    assert eventful.page.count(html.escape(BAD)) > 1  # the method and the definition


def test_images_have_a_description_and_ids_are_unique(rendered):
    folder = rendered.reports / "digits"
    for path in folder.rglob("*.html"):
        tags = _tags(path.read_text())
        assert all(attributes.get("alt") for tag, attributes in tags if tag == "img")
        ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
        assert len(ids) == len(set(ids)) and [tag for tag, _ in tags].count("h1") == 1
    images = [attributes for tag, attributes in _tags(rendered.page) if tag == "img"]
    missing = {attributes["src"]: "make draws it" in attributes["alt"] for attributes in images}
    assert missing == {"../figures/accuracy.svg": True, "../pictures/overview.svg": False}  # git has the latter


def test_without_studies_their_parts_are_left_out(rendered, bare):
    studies = {"claims", "memorization", "gradients", "imbalance"}
    of = [{path.stem for path in (made.reports / "digits" / "more").glob("*.html")} for made in (rendered, bare)]
    assert studies <= of[0] and not studies & of[1]
    assert 'href="more/claims.html"' in rendered.main and "more/claims.html" not in bare.main


def test_every_method_and_variant_has_one_line(rendered):
    anchors = re.findall(r'^\| <a id="([^"]*)"></a>', rendered.methods, flags=re.MULTILINE)
    assert sorted(anchors) == sorted([*METHODS, "joint_hard", "warp_sampled"])


def test_every_method_has_a_line_before_it_was_run(tables):
    """README links to it."""
    names = list(load(ROOT / "params.yaml").methods)
    found = by_method.entries(tables, names, {})
    assert sorted(name for texts in found.values() for name in texts) == sorted(names)


def test_refuted_statements_are_listed_as_wrong_and_escaped(rendered):
    page = (rendered.reports / "digits" / "more" / "claims.html").read_text()
    listed = page[page.index("wrong as written") : page.index("Claim by claim")]
    assert "the note said 1 &lt;b&gt;boldly&lt;/b&gt;" in listed and "the note said 2" not in listed
    assert "<b>boldly" not in rendered.page


MISSING = dict(
    zip(render.OPTIONAL, combinations(range(8), 3), strict=False)
)  # table: in which tries it is missing


@pytest.mark.parametrize("place", range(8))
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


def test_fewer_seeds_are_marked_counted_as_incomplete_and_explained(rendered, eventful):
    assert not re.search("incomplete|n=[01] of 3|Crosses: seeds", rendered.page)
    text = eventful.page
    assert all(re.search(rf"[]–]\sn={seeds} of 3", text) for seeds in (0, 1)) and "Crosses: seeds diverged" in text
    assert re.search(r"worse in \d+, open in \d+, without a verdict in 2, where seeds diverged", text)
    assert "Incomplete: seeds diverged on either side" in text


def test_bootstrap_bags_are_told(rendered):
    assert "20 bags for the first 2 seeds of symmetric 0.4; 5 epochs each" in rendered.page
    assert "Out-of-bag; mean over 2 seeds" in rendered.page


def test_oracles_stand_apart(rendered):
    page = (rendered.reports / "digits" / "more" / "accuracy.html").read_text()
    table = page[page.index('id="digits-accuracy"') :]
    heading, oracle = table.index("oracles, given the truth"), table.index("forward oracle")
    assert table.index("joint optimization") < heading < oracle
    assert "forward oracle" not in re.sub("<svg.*?</svg>", "", rendered.main, flags=re.S)

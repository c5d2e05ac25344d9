import html
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from made_report import METHODS, write

from labelnoise import results
from labelnoise.report import layout, render


def _write(reports, params):
    made = write(reports, params)
    return made.page, made.summary


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


def test_differences_are_marked_exactly_where_the_interval_leaves_out_zero(rendered):
    page = rendered.page
    table = results.read("intervals", rendered.reports / "digits" / "tables")
    rows = table.query("metric == 'test_accuracy' and selection == 'last' and baseline_selection == 'last'")
    rows = rows[rows["method"] != "cross_entropy"]
    for row in rows.itertuples():
        mark = "▲ " if row.diff_low > 0 else "▼ " if row.diff_high < 0 else ""
        bounds = f"[{100 * row.diff_low:z.1f}, {100 * row.diff_high:z.1f}]"
        assert f">{mark}{100 * row.diff:+z.1f}\n{bounds}<".replace("-", "−") in page


def test_rendered_twice_byte_equal(rendered, reports, params):
    assert write(reports, params)[1:] == rendered[1:]


def test_nothing_is_loaded_from_outside(rendered):
    page = rendered.page
    assert "http" not in page and "@import" not in page and "url(" not in page
    loading = {"src": [], "href": []}
    for tag, attributes in _tags(page):
        assert tag not in ("script", "link", "iframe", "object")
        for key, found in loading.items():
            found += [attributes[key]] if key in attributes else []
    assert loading["src"] == ["figures/accuracy.svg"]
    for target in [*loading["src"], *loading["href"]]:
        assert target.startswith("#") or (rendered.reports / "digits" / target).exists()


def test_the_overview_is_short_and_every_link_leads_somewhere(reports, params):
    (reports / "digits" / "to_recheck.csv").write_text("rank\n")
    _write(reports, params)
    text = (reports / "index.html").read_text()
    targets = [attributes["href"] for tag, attributes in _tags(text) if tag == "a"]
    assert {"digits/index.html", "digits/to_recheck.csv", "summary.md", "methods.md"} <= set(targets)
    for target in targets:
        assert target == "#how-to-read" or (reports / target).exists()
    assert "<img" not in text and "wrong labels (symmetric 0.4)" in text and len(text) < 50_000


def test_files_that_were_left_out_are_named(reports, params):
    rows = pd.DataFrame({"file": ["cat/<2>.png", "dog/7.png"], "reason": ["damaged", "too large"]})
    results.write("left_out", rows, reports / "digits" / "tables")
    page, summary = _write(reports, params)
    assert "cat/&lt;2&gt;.png" in page and "2, as they cannot be read" in page and "too large" in summary
    results.write("left_out", rows[:0], reports / "digits" / "tables")
    assert "files left out" not in _write(reports, params)[0].lower()


def test_text_from_data_is_escaped(reports, params, tables):
    bad = "<script>alert(1)</script>"
    folder = reports / "digits" / "tables"
    results.write("ledger", tables["ledger"].assign(definition=bad), folder)
    for name in ("accuracy", "intervals", "curves"):
        results.write(name, tables[name].replace({"method": {"mae": bad}}), folder)
    params["methods"] = {bad if name == "mae" else name: {} for name in params["methods"]}
    page, summary = _write(reports, params)
    for text in (page, summary):
        assert "<script" not in text and html.escape(bad) in text


def test_image_has_a_description_and_ids_are_unique(rendered):
    page, summary = rendered.page, rendered.summary
    tags = _tags(page)
    assert all(attributes.get("alt") for tag, attributes in tags if tag == "img")
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    tables = [name for name in ids if re.fullmatch(r"digits(-[a-z0-9]+)*", name)]
    assert len(tables) == len(set(tables)) and {"digits", "digits-accuracy", "digits-ledger"} <= set(tables)
    assert "![Test accuracy against noise rate](digits/figures/accuracy.png)" in summary


def test_without_studies_their_parts_are_left_out(rendered, reports, params):
    headings = {"Claims", "Memorisation", "Gradients", "Imbalance"}
    for text in (rendered.page, rendered.summary):
        assert all(re.search(rf"(>|### ){heading}\b", text) for heading in headings)
    for name in ("claims", "statements", "fit", "complexity", "first_epoch", "gradients", "imbalance"):
        (reports / "digits" / "tables" / f"{name}.csv").unlink()
    for text in _write(reports, params):
        assert not any(re.search(rf"(>|### ){heading}\b", text) for heading in headings)


def test_every_method_and_variant_has_one_heading(rendered):
    headings = re.findall(r"^### (.*)$", rendered.methods, flags=re.MULTILINE)
    assert sorted(headings) == sorted([*METHODS, "joint_hard", "warp_sampled"])


def test_refuted_statements_are_listed_as_wrong_and_escaped(rendered):
    page, summary = rendered.page, rendered.summary
    listed = page[page.index("wrong as written") : page.index("Statement by statement")]
    assert "the note said 1 &lt;b&gt;boldly&lt;/b&gt;" in listed and "the note said 2" not in listed
    assert "<b>boldly" not in page + summary


@pytest.mark.parametrize("missing", render.OPTIONAL)
def test_optional_tables_may_be_missing(reports, params, missing, monkeypatch):
    monkeypatch.setattr(layout, "html", lambda table, prefix: table.title)  # which takes half of the time
    (reports / "digits" / "tables" / f"{missing}.csv").unlink()
    page, _ = _write(reports, params)
    assert "Test accuracy" in page


def test_a_required_table_may_not(reports, params):
    (reports / "digits" / "tables" / "curves.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"curves\.csv"):
        _write(reports, params)
    assert not (reports / "index.html").exists()


def test_diverged_runs_are_listed(rendered, reports, params, tables):
    assert "none, every run ended with a finite loss." in rendered.page
    accuracy = tables["accuracy"].copy()
    hit = accuracy.query("method == 'mae' and noise == 'pair_flip' and seed == 1").index
    accuracy.loc[hit, "diverged_epoch"] = 5
    results.write("accuracy", accuracy, reports / "digits" / "tables")
    page, summary = _write(reports, params)
    assert "digits-diverged" in page and "every run ended" not in page
    assert "diverged runs: 1" in summary  # one run, not one per selection


def _diverge(tables, seeds):
    """mae at the last epoch of pair flip loses all but `seeds` of 3 seeds; counted as neither better nor worse."""
    table = tables["intervals"].copy()
    hit = (table["method"] == "mae") & (table["noise"] == "pair_flip") & (table["selection"] == "last")
    table.loc[hit, "n_seeds"] = seeds
    if not seeds:
        values = [name for name in table if name in ("mean", "low", "high") or name.startswith("diff")]
        table.loc[hit, values] = float("nan")
    return table


@pytest.mark.parametrize("seeds", [0, 1])
def test_fewer_seeds_are_marked_counted_as_incomplete_and_explained(rendered, reports, params, tables, seeds):
    for text in (rendered.page, rendered.summary):
        assert not re.search("incomplete|n=[01] of 3|Crosses", text.lower())
    results.write("intervals", _diverge(tables, seeds), reports / "digits" / "tables")
    page, summary = _write(reports, params)
    for text in (page, summary):
        assert re.search(rf"[]–]\sn={seeds} of 3", text) and "Crosses: seeds diverged" in text
        assert re.search(r"better, \d+ worse, \d+ undecided, 1 incomplete \(seeds diverged\)", text)
        assert "Incomplete: seeds diverged on either side" in text


def test_bootstrap_bags_are_told(rendered):
    for text in (rendered.page, rendered.summary):
        assert "20 bags for the first 2 seeds of symmetric 0.4; 5 epochs each" in text
        assert "Out-of-bag; mean over 2 seeds" in text and "Mean over 2 seeds (lowest–highest seed). AUROC" in text


def test_oracles_stand_apart(rendered):
    page = rendered.page
    table = page[page.index('id="digits-accuracy"') :]
    heading, oracle = table.index("oracles, told the truth"), table.index("forward oracle")
    assert table.index("joint optimization") < heading < oracle

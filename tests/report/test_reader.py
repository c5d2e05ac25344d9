"""A reader with the page alone: the words that answer a question stand within its first 250."""

import re
from html.parser import HTMLParser

import made_report
import pytest
import synthetic_tables

from labelnoise import results
from labelnoise.report import answers, gate, screens, summary

FIRST = 250


class _Seen(HTMLParser):
    """Words that are seen: neither scripts, nor within figures, nor what is folded."""

    HIDDEN = ("script", "style", "svg", "title", "details")

    def __init__(self):
        super().__init__()
        self.depth, self.words = 0, []

    def handle_starttag(self, tag, attributes):
        self.depth += tag in self.HIDDEN or dict(attributes).get("class") == "skip"

    def handle_endtag(self, tag):
        self.depth -= tag in self.HIDDEN or (tag == "a" and self.depth > 0 and not self.words)

    def handle_data(self, data):
        if not self.depth:
            self.words += data.split()


def seen(page: str) -> list[str]:
    parser = _Seen()
    parser.feed(page)
    return parser.words


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("which method if I do not know my noise, and how sure", r"stopped early .*points \[.*\] \(95% at once"),
        ("how many labels to recheck", r"labels are looked at per error|80% of the errors: \d+% of the labels"),
        ("which statements of the note were wrong", r"wrong in the note\? \d+ of \d+ statements.* 1 : the note"),
        ("how many errors has this data set", r"As published, .*% of its labels are wrong"),
    ],
)  # fmt: skip
def test_an_answer_stands_within_the_first_words(rendered, question, answer):
    assert re.search(answer, " ".join(seen(rendered.main)[:FIRST])), question


def test_the_rate_as_published_is_counted_run_by_run(tables, rendered):
    own = [row for row in tables["noise_rate"].to_dict("records") if row["estimator"] == "noise_model"]
    clean = [row for row in own if row["noise"] == "none"]
    ends = [f"{100 * sum(row[end] for row in clean) / len(clean):.1f}" for end in ("low", "high")]
    told = ends[0] if ends[0] == ends[1] else " to ".join(ends)
    tiers = [row for row in tables["tiers"].to_dict("records") if row["noise"] == "none"]
    called = {tier: sum(row["count"] for row in tiers if row["tier"] == tier) for tier in ("obvious", "possible")}
    runs = {row["seed"] for row in tiers}
    labels = sum(row["count"] for row in tiers if row["tier"] != "sure") / len(runs)
    most = max(row["high"] for row in clean) * labels
    expected = (
        f"{told}% of its labels are wrong by the model (a range), about {most:,.0f} of {labels:,.0f} at most; "
    )
    assert expected in rendered.main and expected in rendered.summary
    said = f"{called['obvious']} obvious and {called['possible']} possible errors"
    assert (said if any(called.values()) else "its list calls none an error.") in rendered.main


def test_the_page_says_how_to_find_its_commit(rendered):
    command = "git log -1 -- reports/digits"
    assert f"Commit: <code>{command}</code>" in rendered.main and f"Commit: `{command}`" in rendered.summary


def test_of_reports_that_the_project_does_not_have_no_commit_is_told():
    """Of a preset, which runs in a folder of its own, and of the user's data."""
    assert summary.commit("digits", {"folds": 5}, copied=False) and not summary.commit("digits", {}, copied=True)
    assert not summary.commit("cats", {"folder": {"root": "images"}, "arrays": None}, copied=False)


def test_names_of_methods_and_noises_lead_to_the_glossary(rendered):
    glossary = (rendered.reports / "glossary.html").read_text()
    links = re.findall(r'<tr><th><a href="../glossary.html#([^"]+)" title="([^"]+)">([^<]+)</a>', rendered.main)
    methods = {"mae", "joint_optimization"}  # neither the baseline nor an oracle
    noises = {f"noise-{noise}" for noise, _ in made_report.CELLS}
    assert {key for key, *_ in links} == methods | noises
    names = {name for key, _, name in links if key in noises}
    assert {"no noise", "symmetric 0.4", "pair flip 0.45"} == names
    for key, line, name in links:
        called = re.sub(r" [\d.]+$", "", name)
        assert f'<dt id="{key}">{called}' in glossary and line in glossary.replace("<code>", "`").replace(
            "</code>", "`"
        )


def test_where_papers_differ_or_that_none_can_be_compared(bare):
    assert "No published value of these images is known" in " ".join(seen(bare.main)[:FIRST])
    assert "elsewhere" not in bare.page + bare.summary + (bare.reports / "index.html").read_text()


def test_comparisons_beside_the_study_are_linked_with_what_came_of_them(tables, tmp_path):
    """From the first words of the page, the page about papers, the overview and the summary: each page of another
    folder that says what came out."""
    pages = {
        "b_2020": "# B's table\n\n<!-- outcome -->\n3 of 4 <agree>.\n<!-- /outcome -->\n",
        "c": "# No outcome\n",
    }
    for name, text in pages.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "README.md").write_text(text)
    none = {**tables, **{name: results.empty(name) for name in ("papers", "papers_agreement")}}
    made = made_report.write(made_report.make_reports(none, tmp_path), made_report.make_params())
    assert "Compared on other data" in " ".join(seen(made.main)[:FIRST])
    assert '<a href="more/papers.html#elsewhere">' in made.main
    papers = (made.reports / "digits" / "more" / "papers.html").read_text()
    for up, text in (("../../", papers), ("", (made.reports / "index.html").read_text())):
        assert f'<a href="{up}b_2020/README.md">B&#39;s table</a>. 3 of 4 &lt;agree&gt;.' in text
        assert 'id="elsewhere"' in text and "No outcome" not in text
    assert "- [B's table](b_2020/README.md). 3 of 4 &lt;agree&gt;." in made.summary


def test_counts_of_methods_and_of_cells_say_what_they_leave_out(tables, rendered):
    """Of three methods that are not told the noise one is cross-entropy; one of three cells has no noise."""
    words_ = " ".join(seen(rendered.main))
    assert re.search(
        r"3 methods not told the noise, cross-entropy included, .* 2 other methods not told the", words_
    )
    assert "Mean, worst: of cells with wrong labels." in words_
    own = {**tables, "intervals": tables["intervals"].query("noise != 'none'")}
    assert "Mean, worst" not in screens.make(own, 0.95)[0].table.note


def test_the_page_is_short(rendered):
    whole = seen(rendered.main)
    assert len(whole) < 2_000 and len(rendered.main) < 1_000_000


def test_pages_to_which_a_screen_leads_are_not_told_twice(rendered):
    above, rest = rendered.main.partition('<nav class="contents"')[2].split('<section id="rest">')
    pages = {path.name for path in (rendered.reports / "digits" / "more").glob("*.html")}
    linked = {name for name in pages if f'<a href="more/{name}">' in above}
    assert {name for name in pages if f'<a href="more/{name}">' in rest} == pages - linked
    assert {"accuracy.html", "claims.html"} <= linked and {"findings.html", "reading.html"} <= pages - linked


def test_own_data_have_their_own_questions_and_their_own_name(tmp_path):
    cells = [("given", 0.0)]
    found = synthetic_tables.make(made_report.METHODS, cells, seeds=2, epochs=3)
    found["gate"] = found["gate"].assign(realised_rate=float("nan"))
    reports, params = made_report.make_reports(found, tmp_path), made_report.make_params()
    params["datasets"]["digits"]["data"]["folder"] = {"root": "/somewhere/My birds & bees"}
    page = made_report.write(reports, params).main
    words = " ".join(seen(page)[:FIRST])
    assert "My birds &amp; bees" in page and "/somewhere" not in page
    for question in ("How many errors?", "What should I recheck first?", "Can I trust the list?", "What next?"):
        assert question in words
    assert "oracle" not in words and "best test epoch" not in words
    listed = gate.listed(found["gate"], "symmetric", 0.4, 0)
    for answer in answers.of(found, listed, 0.95):
        assert answer.answer.lower() in words.lower()

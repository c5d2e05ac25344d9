"""The glossary and the page of columns."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from labelnoise import results, words
from labelnoise.nets import NETWORKS
from labelnoise.noise import NOISES
from labelnoise.report import reference

ROOT = Path(__file__).parents[2]


class _Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.targets = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.targets += [found["href"]] if tag == "a" else []


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    paths = folder / "glossary.html", folder / "columns.html"
    reference.write(*paths)
    return [path.read_text("utf-8") for path in paths]


def test_every_method_score_and_term_is_there_once_with_its_paper(pages):
    entries = [entry for _, listed in reference.parts() for entry in listed]
    of = (words.METHODS, words.SCORES, words.TERMS, words.NOISE_KINDS, words.NETWORKS)
    assert len(entries) == sum(map(len, of))
    page = _Page(pages[0])
    assert len(page.ids) == len(set(page.ids)) and set(words.METHODS) <= set(page.ids)
    for entry in entries:
        assert entry.line and entry.key in page.ids
        assert not entry.paper or re.search(
            rf"\({re.escape(entry.paper)}\)|>{re.escape(entry.paper)}</a>\)", pages[0]
        )
    gce = pages[0][pages[0].index('id="gce"') :]
    assert gce[: gce.index("</dd>")].endswith(
        '<a href="https://arxiv.org/abs/1805.07836">Zhang and Sabuncu 2018</a>)'
    )


def test_a_page_lists_the_words_that_its_text_has():
    """Whole words of the text, as one or several: none of links to other pages, of scripts or of tags."""
    page = (
        "<nav>budget, gate</nav><script>audit</script><p class='halving'>Signal: ECE in <b>bands</b> of small cnn"
        "</p><td>asymmetric 0.2</td><p>unregretted</p>"
    )
    keys = re.findall(r'href="../../glossary.html#([^"]+)"', reference.of_page(page))
    expected = ["term-signal", "term-band-of-a-figure", "term-ece", "noise-asymmetric", "network-small_cnn"]
    assert keys == expected and reference.of_page("<p>nothing of it</p>") == ""


def test_every_noise_and_network_of_the_study_is_explained():
    assert {*NOISES, "random_labels"} == words.NOISE_KINDS.keys() and NETWORKS.keys() == words.NETWORKS.keys()


def test_every_column_of_every_table_is_there(pages):
    for name in results.SCHEMA:
        section = pages[1][pages[1].index(f'<section id="{name}">') :]
        section = section[: section.index("</section>")]
        assert re.findall(r'<th scope="row">(\w+)</th>', section) == results.columns(name)
        assert section.count("; key</td>") == len(results.SCHEMA[name][0])


def test_links_lead_to_pages_beside_them_and_to_papers(pages):
    beside = {"index.html", "methods.md", "glossary.html", "columns.html"}
    for page in map(_Page, pages):
        for target in page.targets:
            assert (
                target in beside
                or target.startswith("https://")
                or target.removeprefix("#") in [*page.ids, "main"]
            )


def test_words_are_escaped():
    assert str(reference.inline("a `<b>` & *sure* ones")) == "a <code>&lt;b&gt;</code> &amp; <em>sure</em> ones"

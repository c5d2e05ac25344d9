"""The review page as a file: what it holds of each label, what it hides, names that mean harm, its size."""

import base64
import hashlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
import synthetic_recheck as tiny
from PIL import Image
from synthetic_page import tags
from synthetic_review import HOSTILE, OWN, asked, html, known, unpacked

from labelnoise.audit import worklist
from labelnoise.list_page import evidence, neighbours, review, review_cards
from labelnoise.noise.noisy_labels import LEFT_OUT, UNSURE

KB = 1000


def cards(of):
    """(cards, what is told of each) of a page."""
    page = known(html(of))
    return page, page["cards"]


def test_a_card_holds_what_the_list_says():
    of, _ = asked()
    page, found = cards(of)
    rows = np.array(of.rows)
    examples = unpacked(page["examples"])
    np.testing.assert_array_equal(examples[: len(rows)], rows)
    np.testing.assert_array_equal(unpacked(found["given"]), of.shown.given[rows])
    np.testing.assert_array_equal(unpacked(page["labels"]), of.shown.given)
    told = np.array(found["kind"]) == 0
    assert 0 < told.sum() < len(rows)
    np.testing.assert_array_equal(unpacked(found["suggestion"])[told], of.shown.suggestion[rows][told])
    np.testing.assert_allclose(np.array(found["wrong"], float)[told], of.shown.p_wrong[rows][told], atol=5e-5)
    np.testing.assert_array_equal(np.array(found["tier"])[told], of.shown.tier[rows][told])
    np.testing.assert_array_equal(np.array(found["sure"])[told] == 1, of.shown.sure[rows][told])


def test_labels_of_the_audit_cannot_be_told_by_what_is_shown():
    of, _ = asked()
    page, found = cards(of)
    kind, rows = np.array(found["kind"]), np.array(of.rows)
    np.testing.assert_array_equal(kind == page["kinds"].index("audit"), np.isin(rows, of.waiting))
    hidden = kind > 0
    assert (kind == 1).sum() >= 5 and np.flatnonzero(kind == 1).max() < np.flatnonzero(kind == 2).max()
    assert (unpacked(found["suggestion"])[hidden] == -1).all() and not np.array(found["tier"])[hidden].any()
    assert {found["wrong"][at] for at in np.flatnonzero(hidden)} == {None}
    assert not np.array(found["sure"])[hidden].any()
    beside = unpacked(found["near"]).reshape(len(rows), 2, neighbours.COUNT)
    assert (beside[hidden, 1] == -1).all() and (beside[hidden, 0] >= 0).all()


def test_untold_rows_end_with_the_audit():
    found = worklist.untold(list(range(100)), [3, 40], seed=0)
    assert found[3] and found[40] and not any(found[41:]) and 8 <= sum(found) <= 32
    assert found == worklist.untold(list(range(100)), [3, 40], seed=0)
    assert worklist.untold([1, 2], [], seed=0) == [False, False]


def test_images_beside_are_the_nearest_unsuspected_of_the_class():
    of, _ = asked()
    page, found = cards(of)
    examples, rows = unpacked(page["examples"]), of.rows
    beside = unpacked(found["near"]).reshape(len(rows), 2, neighbours.COUNT)
    values = of.features["0_pixels"] - of.features["0_pixels"].mean(0)
    shown = of.shown
    for card in np.random.default_rng(0).permutation(len(rows))[:40].tolist():
        for which, label in enumerate((shown.given[rows[card]], unpacked(found["suggestion"])[card])):
            if label < 0:
                continue
            trusted = [at for at in range(len(values)) if shown.given[at] == label and shown.tier[at] == 0]
            assert len(trusted) <= neighbours.POOL  # all of them are looked at
            own = values[rows[card]]
            angle = {at: values[at] @ own / np.linalg.norm(values[at]) for at in trusted if at != rows[card]}
            nearest = sorted(angle, key=lambda at: -angle[at])[: neighbours.COUNT]
            assert [examples[place] for place in beside[card, which]] == nearest


def test_few_images_stand_beside_and_what_people_said_counts():
    of, clean = asked(2000)
    pools = neighbours.pools(of.shown, 10)
    assert all(len(pool) == neighbours.POOL and (np.diff(pool) > 0).all() for pool in pools)
    assert all(len(pool) == neighbours.FEWEST for pool in neighbours.pools(of.shown, 1000)[:10])
    answers = np.full(2000, -1, np.int16)
    answers[:200] = clean[:200]
    answers[200:220] = UNSURE
    said = np.concatenate(neighbours.pools(of.shown._replace(answers=answers), 10))
    assert not np.isin(said, np.arange(200, 220)).any()
    early = said[said < 200]
    assert len(early) and (of.shown.given[early] == clean[early]).all()


@pytest.mark.parametrize(("verdict", "kinds"), [("order", {0, 1, 2}), ("nothing", {2}), ("", {2})])
def test_without_p_wrong_there_is_less_to_see(verdict, kinds):
    gate = tiny.GATES[verdict]
    of, _ = asked(gate=gate)
    nothing = np.full(300, np.nan)
    of = of._replace(
        shown=of.shown._replace(p_wrong=nothing, tier=np.zeros(300, np.int8), sure=np.zeros(300, bool))
    )
    if verdict == "order":
        of = of._replace(rows=worklist.mixed(list(range(50)), of.waiting, 0.5, 0))
    page, found = cards(of)
    assert set(found["kind"]) == kinds and set(found["wrong"]) == {None} and set(found["tier"]) == {0}
    text = html(of, OWN)
    assert ("There is no list: the features predict the labels no better than" in text) == (verdict == "nothing")
    assert ("(<code>datasets.folder.features</code> in presets/own.yaml)" in text) == (verdict == "nothing")
    assert ("This seed was not checked" in text) == (verdict == "")
    assert page["trusted"] == (", less suspect:" if verdict == "order" else ":")


@pytest.mark.parametrize("files", [False, True])
def test_names_that_mean_harm_stay_names(files):
    of, _ = asked(60, HOSTILE, files)
    text = html(of, OWN)
    page = known(text)
    assert page["classes"] == HOSTILE and page["files"] == of.dataset.files
    assert text.count("<script") == text.count("</script>") == 2 and "alert(1)</script" not in text
    data = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1]
    assert data.isascii() and not set("<>&\u2028\u2029") & set(data)
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in text and "my &lt;b&gt;photos" in text
    elements = tags(re.sub(r"<script>.*</script>", "", text.replace(data, ""), flags=re.DOTALL))
    assert {"h1", "h2", "progress", "label"} <= {tag for tag, _ in elements}
    assert not [
        of_tag for _, of_tag in elements if any(name.startswith("on") or name == "style" for name in of_tag)
    ]


def test_the_page_may_do_nothing_but_run_its_script():
    of, _ = asked(60)
    text = html(of)
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', text)[1].replace("&#39;", "'")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.pop("default-src") == rules.pop("base-uri") == rules.pop("form-action") == "'none'"
    assert rules.pop("img-src") == "data:"
    for rule, pattern in (("script-src", r"<script>(.*?)</script>"), ("style-src", r"<style>(.*?)</style>")):
        own = base64.b64encode(hashlib.sha256(re.search(pattern, text, re.DOTALL)[1].encode()).digest()).decode()
        assert rules.pop(rule) == f"'sha256-{own}'"
    assert not rules and not re.search(r"https?:|\bimport\(|\bfetch\(|XMLHttp|eval\(", text)


def test_words_of_answers_are_no_classes():
    of, _ = asked(60, ("?", "Unsure", "leave out"))
    page = known(html(of))
    assert page["words"] == {str(UNSURE): "cannot tell", str(LEFT_OUT): "-"}
    assert page["said"] == {"cannot tell": UNSURE, "-": LEFT_OUT, "–": LEFT_OUT, "none of these": LEFT_OUT}
    assert known(html(asked(60)[0]))["words"] == {str(UNSURE): "?", str(LEFT_OUT): "-"}


def test_pixels_are_those_of_the_images():
    of, _ = asked(60)
    page = known(html(of))
    images = page["images"]
    assert (images["kind"], images["channels"], images["height"], images["width"]) == ("pixels", 1, 8, 8)
    pixels = np.frombuffer(base64.b64decode(images["data"]), np.uint8).reshape(-1, 8, 8)
    stored = of.dataset.images[unpacked(page["examples"]), 0]
    np.testing.assert_array_equal(pixels, np.rint(stored * (255 / 16)))


def test_photographs_are_small_here_and_large_where_they_lie(tmp_path):
    of, _ = asked(60, HOSTILE, files=True)
    root, folder = tmp_path / "my photos", tmp_path / "reports" / "folder"
    for at, name in enumerate(of.dataset.files):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        size = (300, 200) if at % 2 else (12, 12)
        Image.new("RGB", size, (at, 200, 90)).save(root / name)
    page = known(html(of, OWN._replace(root=root), folder))
    assert page["images"]["kind"] == "files" and page["images"]["folder"] == "../../my%20photos/"
    for place, example in enumerate(unpacked(page["examples"]).tolist()):
        kind, data = page["images"]["thumbnails"][place].split(";base64,")
        small = Image.open(io.BytesIO(base64.b64decode(data)))
        assert (kind, small.size) == (
            ("data:image/jpeg", (64, 64)) if example % 2 else ("data:image/png", (12, 12))
        )
        assert np.abs(np.asarray(small.convert("RGB"))[5, 5].astype(int) - [example, 200, 90]).max() < 6
    assert "img-src data: file: &#39;self&#39;" in html(of, OWN._replace(root=root), folder)
    without = known(html(of._replace(dataset=of.dataset._replace(images=np.zeros((60, 1, 1, 7), np.float32)))))
    assert without["images"] == {"kind": "none"}


def test_the_key_is_of_data_and_list():
    of, _ = asked(60)
    key = known(html(of))["key"]
    assert key == known(html(of))["key"]
    other = of.dataset.images.copy()
    other[of.rows[0]] += 1
    changed = [
        of._replace(rows=of.rows[1:]),
        of._replace(dataset=of.dataset._replace(images=other)),
        of._replace(shown=of.shown._replace(given=(of.shown.given + 1) % 10)),
    ]
    assert len({key, *(known(html(one))["key"] for one in changed)}) == 4


def test_numbers_beyond_16_bits():
    for numbers in ([0, 65534, -1], [0, 65535, -1], [1_000_000, -1]):
        np.testing.assert_array_equal(unpacked(review_cards._packed(np.array(numbers))), numbers)
    assert review_cards._packed(np.empty(0, np.int64)) == "16:"


def test_size():
    """As many labels as digits have, and more cards; and 10,000."""
    of, _ = asked(1797, wrong=0.35, looks=(60, 100, 200))
    assert 800 < len(of.rows) < 900
    assert len(html(of)) < 250 * KB
    many, _ = asked(20_000, wrong=0.5, export=10_000, looks=(60, 100, 200))
    assert len(many.rows) > 10_000 and len(html(many)) < 3000 * KB


def test_the_same_page_again():
    assert html(asked(60)[0]) == html(asked(60)[0])


def test_where_to_look_without_pictures_and_that_the_draw_is_uneven():
    of, _ = asked(60)
    by = evidence.of(["given"], row="index")
    said = "There are no pictures here: look each example up in your own data, by its number there,"
    assert said in review.page(of, OWN, tiny.section(), Path("."), by) and said not in html(of)
    uneven = "are not drawn equally often"
    assert uneven in html(of) and uneven not in html(asked(60, gate=tiny.NOTHING)[0])

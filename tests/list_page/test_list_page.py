"""The page of the list: what each verdict lets it say, its numbers against the arrays, names that mean harm."""

import base64
import html
import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import synthetic_recheck as tiny
from PIL import Image
from synthetic_page import made, plain, shown, tags, texts

from labelnoise import artifacts, results
from labelnoise.list_page import about, evidence, facts, gate_words, outputs, pictures
from labelnoise.list_page.render import Beside
from labelnoise.recheck import cell, lists

ROOT = Path(__file__).parents[2]
HOSTILE = ["<script>alert(1)</script>", 'b "x" & y', "<img src=x onerror=y>"]


@pytest.mark.parametrize("verdict", tiny.GATES)
def test_the_page_stands_alone(verdict):
    page = texts(made(tiny.GATES[verdict]))["list.html"]
    found = tags(page)
    assert {tag for tag, _ in found} & {"script", "link", "iframe", "object"} == set()
    assert "http" not in page and "url(" not in page and "@import" not in page
    sources = [of["src"] for tag, of in found if tag == "img"]
    assert all(source.startswith("data:image/") for source in sources)
    links = {of["href"] for tag, of in found if tag == "a"}
    listed = {"to_recheck.csv"} if verdict in ("all", "cautious", "order") else set()
    working = {"review.html", "to_audit.csv", "label_studio.json", "label_studio.xml"} if verdict else set()
    assert links == listed | working
    assert page.startswith("<!DOCTYPE html>") and '<html lang="en">' in page
    ids = [of["alt"] for tag, of in found if tag == "img"]
    assert all(ids) and len(ids) == (0 if verdict in ("nothing", "") else len(sources))


def test_numbers_of_the_cards_come_from_the_arrays():
    of = made()
    page = shown(of)
    at = int(np.flatnonzero(of.detected.noise == "given")[0])
    p, low, tier = of.detected.p_wrong[at], of.detected.p_low[at], of.detected.tier[at]
    order = sorted(range(tiny.N), key=lambda example: -low[example])
    first = max(rank for rank, example in enumerate(order, 1) if tier[example])
    expected = sum(p[example] for example in order[:first])
    wrong = (tiny.WORSE != tiny.CLEAN)[order]
    obvious = [example for example in order if tier[example] == 2]
    assert f"about {p.sum():.0f} of 60 labels" in page and f"That is {100 * p.mean():.1f}%" in page
    assert "Two models of the errors say 23.1% and 28.7%: that is no" in page
    assert f"the first {first} About {expected:.0f} of them are expected to be wrong." in page
    assert f"{len(obvious)} obvious errors, {(tier == 1).sum()} possible." in page
    sure = of.detected.sure[at].sum()
    assert f"{sure} of the obvious are sure: every single predictor contradicts the label." in page
    assert f"In truth {wrong.sum()} of 60 labels on the list are wrong ({100 * wrong.mean():.1f}%)" in page
    right = sum(tiny.WORSE[example] != tiny.CLEAN[example] for example in obvious)
    assert f"{right} of {len(obvious)} obvious ones, {wrong[:first].sum()} of the first {first}." in page
    assert (
        "by 31.4 standard deviations (z), where 5 are asked for" in page
        and "96.7% of 123 obvious errors were errors" in page
    )
    assert "60 images in 3 classes, seen through pixels + patches; labels from the names of their folders." in page
    said = texts(of)["verdict.txt"].strip()
    assert said in page and said == (
        f"About {p.sum():.0f} of 60 labels are wrong, by two models of the errors: recheck the first {first} of "
        f"the list, about {expected:.0f} of which are expected to be."
    )


def test_what_each_verdict_says_of_the_share():
    between = made(tiny.ALL._replace(rate_high=0.4))
    page = shown(between)
    assert f"between {0.231 * 60:.0f} and {0.4 * 60:.0f} of 60 labels" in page and "do not tell which" in page
    assert "between 14 and 17 of 60" in shown(made(tiny.ALL._replace(smallest_kept=0.4)))
    far = shown(made(tiny.ALL._replace(rate_low=0.05, rate_high=0.12, contradicted=0.06)))
    near = shown(made(tiny.ALL._replace(rate_low=0.001, rate_high=0.01, contradicted=0.001)))
    assert "between 3 and 7 of 60" in far and "about" in near and "between 0" not in near
    careful = shown(made(tiny.CAUTIOUS))
    assert "at most 17 of 60 labels" in careful and "That is 28.7%. With half of the images the" in careful
    assert "cautious model's share rises by 3.1 points. So only a limit is told, and the truth may" in careful
    order = shown(made(tiny.ORDER))
    assert "not said" in order and "7.7 points" in order and "23.1%" not in order and "38.7%" not in order
    assert "P(wrong) 9" not in order and "Top of the list: the first 3 of 60" in order
    blind = shown(made(tiny.NOTHING))
    assert "How many errors?" not in blind and "60.0%" not in blind and "80.0%" not in blind
    assert "detection.checked" in shown(made(tiny.UNCHECKED))


def test_without_a_list_both_reasons_are_named_and_what_to_do():
    said = texts(made(tiny.NOTHING))["verdict.txt"]
    assert said == (
        "There is no list: the features predict the labels no better than shuffled ones. Either they do not see "
        "your classes, or the labels do not belong to these images, as after a mix-up of rows or files. Look at "
        "some labels to tell which.\n"
    )
    page = shown(made(tiny.NOTHING))
    assert said.strip() in page and (
        "If most labels that you see are right, give an encoder that knows such images (datasets.folder.features "
        "in presets/own.yaml), or add images. If most are wrong, see where labels and images were put together. "
        "Then run make own again." in page
    )
    own = shown(judged(made(tiny.NOTHING, files=False), "given"))
    assert "the file of datasets.folder.data.arrays, or add" in own and "encoder" not in own
    order = texts(made(tiny.ORDER))["verdict.txt"]
    assert "Either the features tell the classes apart too poorly, or very many labels are wrong." in order


def test_a_range_between_two_models_is_no_interval():
    for gate in (tiny.ALL, tiny.ALL._replace(rate_high=0.4)):
        page = shown(made(gate))
        assert "is no confidence interval, and the truth often lies outside it. Answers to labels drawn" in page


def test_words_of_ours_are_explained_where_they_stand():
    """And the glossary is linked where there is one: `make own` writes none beside its list."""
    own = texts(made())["list.html"]
    for word in ("Cautious model: ", "Halving: ", "Worlds: ", "Cut: ", "Nats: "):
        assert word in plain(own)
    study = texts(made(), own=False)["list.html"]
    glossary = ("a", {"href": "../glossary.html"})
    assert glossary in tags(study) and glossary not in tags(own)
    target = artifacts.of("digits").reports / "../glossary.html"
    assert (ROOT / target).resolve() == ROOT / artifacts.REPORTS / "glossary.html" and (ROOT / target).is_file()


def test_withheld_obvious_errors_are_told():
    of = made(tiny.CAUTIOUS)
    of.detected.tier[of.detected.tier == 2] = 1
    careful = shown(of)
    assert "for that, half of the images change the share of errors too much" in careful
    of = made(tiny.ALL._replace(rule="none", worlds_right=tiny.CAUTIOUS.worlds_right))
    of.detected.tier[of.detected.tier == 2] = 1
    page = shown(of)
    assert f"No label is called obvious: {gate_words.WORLDS} 88.10% of 123" in page
    assert "88.10% of 123 such labels were wrong (95.50% of at least 60 are asked for)." in page
    by = evidence.of(["pixels"])
    few = gate_words.withheld(tiny.ALL._replace(rule="none"), tiny.LIMITS, by)
    assert few == "No label is called obvious: fewer than 10 would be."
    none = tiny.ALL._replace(rule="none", worlds_flagged=0.0, worlds_right=np.nan)
    assert gate_words.withheld(none, tiny.LIMITS, by).endswith("the truth is known, it calls none so.")
    cut = tiny.ALL._replace(rule="none", worlds_flagged=40.0, worlds_right=0.97)
    assert "97.00% of 40 such labels were wrong (95.50% of at least 60 are asked for)" in gate_words.withheld(
        cut, tiny.LIMITS, by
    )
    assert "cut" not in gate_words.withheld(cut, tiny.LIMITS, by)  # the class that keeps fewest keeps 81%


@pytest.mark.parametrize("flagged", [0.0, 40.0, 123.0])
def test_that_too_few_labels_of_a_class_are_kept_for_a_cut_is_told(flagged):
    worlds = {"worlds_flagged": flagged, "worlds_right": 0.881 if flagged else np.nan}
    overdrawn = tiny.ALL._replace(rule="none", smallest_kept=0.432, **worlds)
    of = made(overdrawn)
    of.detected.tier[of.detected.tier == 2] = 1
    page = shown(of)
    told = "Nor is any from a higher P(wrong) on (a cut): a true class seems to keep only 43.20% of its labels,"
    assert f"{told} and below 50% the model may take doubt for errors." in page
    assert (
        "keeps fewest 43.2% the share is one number from 50% on; below 50% no label above a cut is obvious" in page
    )
    fewer_than_ten = overdrawn._replace(worlds_flagged=123.0, worlds_right=0.97)
    assert "cut" not in gate_words.withheld(fewer_than_ten, tiny.LIMITS, evidence.of(["pixels"]))


def test_what_the_worlds_say_of_the_tier_that_is_shown():
    every = shown(made())
    assert "96.7% of 123 obvious errors were errors" in every and "Only labels with P(wrong)" not in every
    page = shown(made(tiny.ALL._replace(rule="cut", cut=0.9834, worlds_right=0.881)))
    assert "obvious errors were errors" not in page  # these would be all that rule A calls so
    assert "Only labels with P(wrong) of 98.34% or more by the cautious model are called obvious" in page
    assert "is known, at least 95.5% of the labels from there on were errors." in page


def judged(of, by):
    """`of`, its labels judged by other features."""
    return of._replace(detected=of.detected._replace(network=np.repeat(by, len(of.detected.network))))


@pytest.mark.parametrize(
    ("by", "judge"),
    [("pixels + patches", "The features"), ("given", "Your features"), ("pred_probs", "Your probabilities"),
     ("given + pred_probs", "Your features or your probabilities"),
     ("patches + pred_probs", "The features or your probabilities")],
)  # fmt: skip
def test_what_judged_the_labels_is_called_what_it_is(by, judge):
    page = shown(judged(made(), by))
    assert f"{judge} predict the labels better than shuffled ones, by 31.4 standard deviations" in page
    assert page.count("predict the labels better") == 1 and "features see" not in page


def test_what_may_help_fits_what_judged_the_labels():
    against = tiny.ORDER._replace(against_low=3.0)
    helped = {
        by: gate_words.order_alone(against, evidence.of(by, " (`features:`)")) for by in (("patches",), ("given",))
    }
    assert helped["patches",].endswith("Other features (`features:`) may help.")
    assert helped["given",].endswith("Other features may help.")
    alone = gate_words.order_alone(against, evidence.of(["pred_probs"]))
    assert alone.endswith("Probabilities from evenly drawn folds, or features may help.")


def test_probabilities_of_the_user_give_the_order_alone():
    page = shown(judged(made(tiny.ORDER._replace(d=np.nan)), "pred_probs"))
    assert page.count("nothing can check what they say") == 1  # once is enough
    assert "your probabilities cannot be made again" in page and "without them, may tell more" in page


def test_the_cautious_model_may_have_the_higher_rate():
    page = shown(made(tiny.ALL._replace(rate_low=0.4, rate_high=0.231)))
    assert "between 14 and 24 of 60 labels" in page and "That is 23.1% to 40.0%, the range" in page
    page = shown(made(tiny.ALL._replace(rate_low=0.287, rate_high=0.231)))
    assert "Two models of the errors say 23.1% and 28.7%: that is no" in page
    page = shown(made(tiny.CAUTIOUS._replace(rate_low=0.287, rate_high=0.231)))
    assert "at most 17 of 60 labels" in page


def test_features_and_probabilities_of_the_user_are_called_theirs():
    of = judged(made(), "given + pred_probs")
    assert "seen through your features + your probabilities;" in shown(of)


def test_after_answers_the_top_is_of_the_labels_as_they_are_now():
    answers = np.full(tiny.N, -1, np.int16)
    some = np.concatenate(
        [np.flatnonzero(tiny.WORSE != tiny.CLEAN)[:6], np.flatnonzero(tiny.WORSE == tiny.CLEAN)[:2]]
    )
    answers[some] = tiny.CLEAN[some]
    of = made(answers=answers, truth=False)
    page = shown(of)
    now, before = (int(np.flatnonzero(of.detected.noise == name)[0]) for name in ("rechecked", "given"))
    left = of.detected.p_wrong[now, answers < 0].sum()
    assert "Found so far: 6 of 8 rechecked labels were wrong." in page
    assert f"How many errors? about {left:.0f} of 60 labels still" in page
    said = texts(of)["verdict.txt"].strip()
    assert said in page and said.startswith(
        f"After 8 answers, about {left:.0f} of 60 labels are still wrong, by two "
    )
    assert f"Before any answer: about {of.detected.p_wrong[before].sum():.0f}." in page
    tier = of.detected.tier[before]
    assert f"Before: {(tier == 2).sum()} obvious, {(tier == 1).sum()} possible." in page
    assert "In truth" not in page and "Add what you see to your file of answers" in page


@pytest.mark.parametrize(
    ("gate", "answer"),
    [
        (tiny.ALL, "yes, as far as it was checked"),
        (tiny.CAUTIOUS, "yes, with care"),
        (tiny.ORDER, "no, its order"),
    ],
)
def test_whether_the_list_can_be_trusted_is_answered_by_yes_or_no(gate, answer):
    assert f"Can I trust the list? {answer}" in shown(made(gate))


def test_predictors_that_err_often_call_none_obvious():
    """The model takes .231 of the labels for wrong, and the predictors contradict half of all."""
    of = made(tiny.ALL._replace(rule="none", contradicted=0.5))
    of.detected.tier[of.detected.tier == 2] = 1
    page = shown(of)
    told = f"contradict 50.0% of the labels, and by {gate_words.THE_CAUTIOUS} 23.1% are wrong, 46% of that. Two"
    assert "No label is called obvious: " in page and told in page
    assert "Can I trust the list? yes, with care" in page
    assert "Labels that the predictors together contradict 50.0%" in page


@pytest.mark.parametrize("gate", [tiny.ALL._replace(contradicted=0.35), tiny.CAUTIOUS])
def test_of_predictors_that_err_often_no_more_than_a_limit_is_told(gate):
    """Neither a share from one model, nor how many of the first labels are wrong; .231 is less than two thirds of
    .35. Answers to the audit set P(wrong) right."""
    page = shown(made(gate))
    assert (
        "How many errors? at most 17 of 60 labels That is 28.7%." in page and "about" not in page.split("Can I")[0]
    )
    assert page.count("the models cannot say.") == 2 and "expected to be" not in page
    if gate.verdict == "all":
        assert "contradict 35.0% of the labels, and err often themselves. So only a limit is told" in page
    assert "between" in shown(made(tiny.ALL._replace(contradicted=0.34, rate_high=0.4)))


def with_errors(kept, to_next):
    """Of each of three classes a share keeps its label, and the next class gets a share of the errors."""
    of = made()
    by_next = np.roll(np.eye(3), 1, axis=1)
    off = (1 - kept) * (to_next * by_next + (1 - to_next) * by_next.T)
    of.detected.transition_low[:] = kept * np.eye(3) + off
    return shown(of)


def test_confusions_are_shown_as_far_as_they_stand_out():
    even = with_errors(0.8, 0.52)
    told = "of the errors of a class 52.0% go to the one class that gets most of them; 50.0% would be even"
    assert (
        f"Most frequent confusions No pair of classes stands out: {told} (by the cautious model of the errors)."
        in even
    )
    assert "true class given label share" not in even
    page = with_errors(0.8, 0.6)
    assert "No pair" not in page and "In all, of the errors of a class 60.0% go to the one class that gets" in page
    assert page.index(" 12.0%") < page.index(" 8.0%")  # the largest first
    assert "confusions" not in with_errors(0.9995, 0.6)


def test_one_pair_among_many_classes_stands_out():
    """Class 0 sends all its errors to class 1; those of nine others go everywhere."""
    transition = np.full((10, 10), 0.4 / 9)
    transition[0] = 0
    transition[0, 1] = 0.3
    np.fill_diagonal(transition, 0)
    np.fill_diagonal(transition, 1 - transition.sum(1))
    names = [str(k) for k in range(10)]
    first = facts.confusions(transition, names).rows[0]
    assert (first.true, first.given, round(first.share, 3)) == ("0", "1", 0.3)
    transition[0] = transition[1][[1, 0, *range(2, 10)]]  # as the others
    assert facts.confusions(transition, names).rows == []


def test_of_two_classes_no_spread_is_told():
    only = facts.confusions(np.array([[0.8, 0.2], [0.1, 0.9]]), ["a", "b"])
    assert only.even == 1 and [row.true for row in only.rows] == ["a", "b"]


def test_text_from_the_data_is_escaped():
    left_out = pd.DataFrame({"file": ["<b>1</b>.png"], "reason": ["damaged & <i>small</i>"]})
    of = made(names=HOSTILE)
    bad = of.dataset._replace(files=[f'{at}"><script>x</script>.png' for at in range(tiny.N)])
    page = texts(of._replace(dataset=bad), title="<script>photos</script>", left_out=left_out)["list.html"]
    tags_seen = {tag for tag, _ in tags(page)}
    assert not tags_seen & {"script", "b><script", "i"} and "<img src=x" not in page
    assert "<b>1" not in page and html.escape(HOSTILE[0]) in page
    assert "1 file could not be read" in plain(page)


def test_pictures_are_those_of_the_files(tmp_path):
    """In colour and small, whatever the pipeline stored; stored pixels stand in for a file that is gone."""
    of = made()
    order = lists.ranked(outputs.listed(of, tiny.DETECT))
    names = [f"{at}.png" for at in range(tiny.N)]
    for at in order[1:]:
        Image.new("RGB", (300, 200), (200, 30, 30)).save(tmp_path / names[at])
    page = texts(of._replace(dataset=of.dataset._replace(files=names)), root=tmp_path)["list.html"]
    shown = [of for tag, of in tags(page) if tag == "img"]
    first = next(item for item in shown if item["alt"] == names[order[0]])
    assert first["src"].startswith("data:image/png")
    stored = np.asarray(Image.open(io.BytesIO(base64.b64decode(first["src"].split(",")[1]))))
    np.testing.assert_array_equal(stored[14::28, 14::28], tiny.IMAGES[order[0], 0])  # 4 pixels, each 28 times
    other = next(item for item in shown if item["alt"] != names[order[0]])["src"]
    assert other.startswith("data:image/jpeg")
    seen = np.asarray(Image.open(io.BytesIO(base64.b64decode(other.split(",")[1]))))
    assert seen.shape == (112, 112, 3) and abs(seen.reshape(-1, 3).mean(0) - [200, 30, 30]).max() < 4


def test_pictures_of_sixteen_bits_are_as_bright_as_their_owner_says(tmp_path):
    Image.fromarray(np.full((200, 200), 2048, np.uint16)).save(tmp_path / "x.png")
    dataset = made().dataset._replace(files=["x.png"] * tiny.N)
    for white, grey in ((65535, 8), (4095, 128)):
        source = pictures.address(dataset, 0, tmp_path, 10**6, white)
        seen = np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))))
        assert abs(seen.astype(int) - grey).max() <= 2


def tags_of(page):
    return {tag for tag, _ in tags(page)}


def test_features_without_files_have_no_picture():
    of = made(files=False)
    blank = of.dataset._replace(images=np.zeros((tiny.N, 1, 1, 7), np.float32))
    found = texts(judged(of, "given")._replace(dataset=blank))
    page = found["list.html"]
    assert "<img" not in page and "figure" not in tags_of(page) and "label_studio" not in page
    assert "60 examples in 3 classes" in plain(page) and found["label_studio.json"] == "[]\n"
    said = "There are no pictures here: look each example up in your own data, by its number there, counted from"
    assert f"{said} 0. It stands in the column index of to_audit.csv and to_recheck.csv." in plain(page)
    assert "Look at labels" not in page and "Answer, with a key for each answer" in plain(page).replace(" ,", ",")
    assert "image" not in plain(page)
    at = int(lists.ranked(outputs.listed(of, tiny.DETECT))[0])
    names, to = of.dataset.class_names, outputs.listed(of, tiny.DETECT).suggestion[at]
    first = (
        "index given suggested P(wrong)",
        str(at),
        *(" ".join(names[k].split()) for k in (tiny.WORSE[at], to)),
    )
    assert " ".join(first) in plain(page)
    named = made()  # with files that are not at hand
    blank = named.dataset._replace(images=np.zeros((tiny.N, 1, 1, 7), np.float32))
    assert "by its file. It stands in the column file of" in shown(named._replace(dataset=blank))
    assert found["to_audit.csv"].startswith('"index","given","label"\n')


@pytest.mark.parametrize("verdict", tiny.GATES)
def test_the_gallery_can_be_written_whatever_the_verdict(tmp_path, verdict):
    results.write("gallery", outputs.gallery(made(tiny.GATES[verdict]), 2, tiny.DETECT), tmp_path)
    assert results.read("gallery", tmp_path).empty == (verdict not in ("all", "cautious"))


def test_the_same_bytes_twice():
    assert texts(made()) == texts(made())


def test_faults_that_make_the_verdict_void_come_first():
    what = "classes look alike: 'cat' (3) and 'Cat' (4): if they are one class, give all its examples one name"
    faults = pd.DataFrame(
        {"kind": ["skipped", "class_names"], "where": ["a", "b"], "what": ["x", what], "count": [1, 7]}
    )
    made_ = texts(made(), input_faults=faults)
    assert made_["verdict.txt"].splitlines()[0] == f"First: {what}." and "First: x" not in made_["verdict.txt"]
    page = plain(made_["list.html"])
    assert page.index(f"First: {what}.") < page.index("How many errors?")
    assert texts(made())["verdict.txt"].count("\n") == 1


def test_lists_of_injected_noise_are_saved_under_its_name():
    source = cell.Source("pair_flip", 0.4, 7)
    of = made()
    page = about.data("digits", SimpleNamespace(folder=None, arrays=None), source)
    said = outputs._of_what(page, "About 9 of 60 labels are wrong.")
    assert said.startswith("Labels made wrong on purpose (") and said.endswith(
        "): about 9 of 60 labels are wrong."
    )
    assert (
        page.cell == "pair flip 0.4, seed 7"
        and page.labels == "labels made wrong on purpose (pair flip 0.4, seed 7)"
    )
    empty = {name: results.empty(name) for name in ("left_out", "input_faults", "copies", "model_check", "audit")}
    html_ = outputs.texts(of, page, Beside(**empty), tiny.section(), tiny.DETECT, 0.95)["list.html"]
    names = {of_tag["href"]: of_tag.get("download") for tag, of_tag in tags(html_) if tag == "a"}
    assert names["to_recheck.csv"] == "to_recheck_digits_pair_flip_0.4_seed_7.csv"
    assert names["to_audit.csv"] == "to_audit_digits_pair_flip_0.4_seed_7.csv" and names["review.html"] is None
    own = {of_tag["href"]: of_tag for tag, of_tag in tags(texts(of)["list.html"]) if tag == "a"}
    assert "download" not in own["to_recheck.csv"]

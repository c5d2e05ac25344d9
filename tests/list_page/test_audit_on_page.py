"""What the page says of the audit: before any answer, after the work list was done to a look, and when to stop."""

import csv
import io
import json
import re

import numpy as np
import pandas as pd
import pytest
import synthetic_recheck as tiny
from synthetic_page import LEVEL, UNHEARD, made, shown, table, tags, texts

from labelnoise import results
from labelnoise.audit import codes, slips, stop
from labelnoise.audit.frame import KNOWN
from labelnoise.detect import tiers
from labelnoise.list_page import audit_words, audited, evidence, gate_words, outputs, words
from labelnoise.noise.noisy_labels import UNSURE
from labelnoise.recheck import lists

WRONG = tiny.WORSE != tiny.CLEAN
BY = evidence.of(["pixels", "patches"], noun="image")


def work(of):
    """Examples of to_audit.csv, in its order."""
    at = {name: example for example, name in enumerate(of.dataset.files)}
    return [at[row["file"]] for row in csv.DictReader(io.StringIO(texts(of)["to_audit.csv"], newline=""))]


def truth(rows):
    """Answers to `rows` by someone who never errs."""
    answers = UNHEARD.copy()
    answers[rows] = tiny.CLEAN[rows]
    return answers


def numbers(of):
    found, section = outputs.listed(of, tiny.DETECT), tiny.section()
    return outputs.page_numbers(of, found, outputs.work(of, found, section), section.cost.worth).audit


def before(of):
    """What the models believed of the labels as given."""
    return of.detected.p_wrong[np.flatnonzero(of.detected.noise == "given")[0]].sum()


def numbers_now(of):
    found = outputs.listed(of, tiny.DETECT)
    return found.p_wrong[lists.ranked(found)].sum()


def weighted(of, look):
    """Wrong labels of all: of each stratum those drawn stand for the others, and no answer is contradicted."""
    frame, seen, total = of.audit.frame, of.columns.answers.max(0) >= 0, 0.0
    drawn = (frame.place > 0) & (frame.place <= look)
    for own in (frame.stratum == k for k in set(frame.stratum.tolist())):
        stands = own.sum() * WRONG[own & drawn].mean()
        total += np.clip(stands, (own & seen & WRONG).sum(), own.sum() - (own & seen & ~WRONG).sum())
    return total


def after(rows, gate=tiny.ALL, **more):
    return made(gate, answers=truth(rows), truth=False, **more)


def down_to(of, look):
    """Rows of the work list until so many labels of the audit are answered."""
    place, rows = of.audit.frame.place, work(of)
    asked = [at for at, example in enumerate(rows, 1) if 0 < place[example] <= look]
    assert len(asked) == look
    return rows[: asked[-1]]


def test_before_any_answer_it_says_what_to_look_at_and_what_that_takes():
    of = made(truth=False)
    page, rows = shown(of), down_to(of, 20)
    assert 20 < len(rows) < 60
    assert "What next? fill in to_audit.csv" in page and "By the audit" not in page
    said = (
        f"Look at the first {len(rows)} rows of to_audit.csv ({round(len(rows) / 10)} min): suspects, and labels"
    )
    assert said in page and "Once the first 20 that were drawn are all answered (0 are), limits hold" in page
    assert "That could show that at most" in page and "What the audit says" not in page
    held = (of.audit.frame.p_wrong < 1 / 20).sum()
    assert f" of {held} labels that the list holds for right (P(wrong) below 5% at the draw) are wrong" in page
    assert "Answer in review.html, and export rechecked.csv. Or copy to_audit.csv" in page
    assert "{folder: rechecked.csv}" in page


def test_the_work_list_holds_both_and_nothing_that_the_model_believes():
    of = made(truth=False)
    found = texts(of)
    assert found["to_audit.csv"].splitlines()[0] == '"file","given","label"'
    rows, order = work(of), lists.ranked(outputs.listed(of, tiny.DETECT)).tolist()
    place = of.audit.frame.place
    asked = [example for example in rows if place[example]]
    suspects = order[: lists.flagged(outputs.listed(of, tiny.DETECT))]
    assert len(set(rows)) == len(rows) and set(rows) == {*suspects, *np.flatnonzero(place)}
    only = [example for example in asked if example not in suspects]
    assert [place[example] for example in only] == sorted(place[example] for example in only)
    assert not re.search(r"wrong|obvious|possible|suggest|predict|score|sure", found["to_audit.csv"])
    told = [task["data"]["told"] for task in json.loads(found["label_studio.json"])]
    untold = [example for example, of_task in zip(rows, told) if "P(wrong)" not in of_task]
    assert set(asked) < set(untold) < set(rows)  # some of the suspects hide those of the audit


def test_after_a_look_numbers_are_those_of_the_audit():
    of = after(down_to(made(truth=False), 20))
    page, rate = shown(of), table(of).set_index(["what", "of"])
    row, left = rate.loc["rate", "all"], rate.loc["left", "0"]
    sample = (of.audit.frame.place > 0) & (of.audit.frame.place <= 20)
    assert (row["answered"], row["wrong"]) == (20, WRONG[sample].sum())
    assert row["low"] <= WRONG.sum() <= row["high"]
    span = f"{row['low']:.0f} to {row['high']:.0f} of 60 labels"
    open_ = (of.columns.answers.max(0) == -1).sum()
    said, was = texts(of)["verdict.txt"].strip(), before(of)
    head = (
        f"{span} were wrong as given, by answers alone (95% limits, 20 labels drawn at random; before any answer "
        "two models believed "
    )
    assert said.startswith(f"{head}about {was:.0f}). After {60 - open_} answers, recheck the next ")
    assert said in page and f"How many errors? {span} By the audit {span} were wrong as given" in page
    wider = "These limits hold whatever models believe, so they are wider; more answers narrow them."
    assert (
        "from answers alone, 20 of them to labels drawn at random). Before any answer two models believed about "
        f"{was:.0f}. {wider}" in page
    )
    now, gate = numbers_now(of), outputs.listed(of, tiny.DETECT).gate
    low, high = (f"{100 * rate:.1f}%" for rate in (gate.rate_low, gate.rate_high))
    told = (
        f"The models, set right by these answers, say that about {now:.0f} of 60 labels are still wrong. That is "
    )
    assert f"{told}{100 * now / 60:.1f}%. By themselves the two models say {low} and {high}: that is no " in page
    assert f"Left: {left['low']:.0f} to {left['high']:.0f} wrong ones among {open_} labels" in page
    found = outputs.listed(of, tiny.DETECT)
    p_wrong = found.p_wrong[lists.ranked(found)]
    count = (p_wrong >= 1 / 20).sum()
    assert f"recheck the next {count} They take {max(round(count / 10), 1)} min, and about " in page
    assert f"What to recheck first? the next {count} " in page and f"recheck the next {count} of the list" in said
    assert f"{p_wrong[:count].sum():.0f} of them are expected to be wrong. After them less than one" in page
    assert "How far people err is not known: have 20 labels of the audit looked at" in page


def test_the_page_names_one_number_of_labels_to_recheck_whatever_an_error_is_worth():
    """The tiers end at one P(wrong), and what is worth a look at another: by 20, 2 and 1 labels per error."""
    of = after(down_to(made(truth=False), 20))
    found, said = outputs.listed(of, tiny.DETECT), []
    p_wrong = found.p_wrong[lists.ranked(found)]
    suspects = np.flatnonzero(found.tier[lists.ranked(found)] != tiers.NONE)[-1] + 1
    for worth in (20.0, 2.0, 1.0):
        of_worth = outputs.page_numbers(of, found, work(of), worth)
        cards = words.cards(of_worth, [], tiny.DETECT.gate, LEVEL, BY)
        gains = [sum(p_wrong[:count] * worth - 1) for count in range(len(p_wrong) + 1)]
        rows = gains.index(max(gains))
        first, following = (
            next(card for card in cards if card.question.startswith(of)) for of in ("What to", "What n")
        )
        if rows:
            assert (first.answer, following.answer) == (f"the next {rows}", f"recheck the next {rows}")
            assert f"echeck the next {rows} of the list" in words.sentence(of_worth.now, BY, of_worth.audit)
        else:
            assert first.answer == "looking on brings too little" and "recheck" not in following.answer
        assert f"would bring less than one error in {worth:g} looks" in " ".join(first.lines)
        said.append((rows, " ".join(first.lines)))
    (many, one), (few, two), (none, three) = said
    assert many >= suspects > few > none == 0
    assert f"All of these are among the first {suspects}." in one
    assert "Those further down stand among too many" in two and "They stand among too many labels" in three


def test_nobody_is_led_to_divide_what_was_drawn_by_strata():
    """Of so few labels all that look right are drawn, and some of the suspects."""
    of = after(down_to(made(truth=False), 20))
    frame, drawn = of.audit.frame, (of.audit.frame.place > 0) & (of.audit.frame.place <= 20)
    rates = [drawn[frame.stratum == k].mean() for k in sorted(set(frame.stratum.tolist()))]
    assert rates[0] < rates[-1] and numbers(of).drawn_more == "look right"
    page, stands = shown(of), weighted(of, 20)
    assert abs(stands - 60 * WRONG[drawn].mean()) > 1  # what a division would say
    warned = "Those that look right are drawn more often, so do not divide these numbers: weighted for that, about"
    said = f"Of 20 labels drawn {WRONG[drawn].sum()} were wrong. {warned} {stands:.0f} of all labels"
    assert f"{said} ({100 * stands / 60:.1f}%) were wrong." in page and "drawn at random were" not in page
    many = of.audit._replace(frame=frame._replace(stratum=2 - frame.stratum))
    assert audited._drawn_more(many) == "look wrong"


def test_labels_that_were_all_as_likely_may_be_divided():
    of = after(down_to(made(tiny.NOTHING, truth=False), 20), tiny.NOTHING)
    drawn = (of.audit.frame.place > 0) & (of.audit.frame.place <= 20)
    found = f"Of 20 labels drawn {WRONG[drawn].sum()} were wrong."
    said = f"{found} By these, about {60 * WRONG[drawn].mean():.0f} of all"
    assert numbers(of).drawn_more == "" and said in shown(of) and "÷" not in shown(of)


def test_what_was_drawn_is_told_without_an_estimate_where_a_stratum_has_no_answer():
    found = numbers(after(down_to(made(truth=False), 20)))
    line = audit_words.errors(found._replace(whole=found.whole._replace(estimate=np.nan)), LEVEL, None)[1]
    assert line.endswith(" so do not divide these numbers.")


def test_nor_what_the_classifier_predicts_otherwise():
    found = numbers(after(down_to(made(truth=False), 20)))._replace(drawn_more="look wrong")
    check = pd.DataFrame({"answered": [100], "wrong": [12], "low": [0.83], "high": [0.97]})
    said = audit_words.model(check, "model.npz", found, BY)[1]
    assert said.startswith(
        "Checked: of 100 images drawn it predicts 12 otherwise than people see them; those whose "
    )
    assert (
        "look wrong are drawn more often, so do not divide these numbers. Of all images it predicts 83.0%" in said
    )
    even = audit_words.model(check, "model.npz", found._replace(drawn_more=""), BY)[1]
    assert "people see them. Of all images it predicts 83.0% to 97.0% as people do" in even


def test_limits_that_are_no_wider_are_not_called_so():
    found = numbers(after(down_to(made(truth=False), 20)))
    wide = found.whole.high - found.whole.low
    told = [audit_words.errors(found, LEVEL, ("between 3 and 9", width))[1] for width in (wide - 1, wide)]
    assert [line.endswith(", so they are wider; more answers narrow them.") for line in told] == [True, False]
    assert all(line.startswith("Before any answer two models believed between 3 and 9. These") for line in told)


def test_p_wrong_is_set_right_by_the_audit():
    of = after(down_to(made(truth=False), 20))
    a, c = of.audit.numbers
    found = outputs.listed(of, tiny.DETECT)
    raw = of.detected.p_wrong[found.run]
    odds = np.exp(a) * (raw / (1 - raw)) ** np.exp(c)
    np.testing.assert_allclose(found.p_wrong, odds / (1 + odds), rtol=1e-6)
    listed = list(csv.DictReader(io.StringIO(texts(of)["to_recheck.csv"], newline="")))
    first = int(listed[0]["index"])
    assert float(listed[0]["p_wrong"]) == pytest.approx(found.p_wrong[first], abs=1e-6) != raw[first]


def test_the_table_of_the_audit():
    of = after(down_to(made(truth=False), 20))
    page = texts(of)["list.html"]
    assert ("a", {"href": "tables/audit.csv"}) in tags(page) and "What the audit says" in shown(of)
    for row in table(of).query("what == 'tier'").itertuples():
        said = f"tier {row.of} {row.answered} of {row.labels} {row.wrong} {row.estimate:.0f} {row.low:.0f} to "
        assert f"{said}{row.high:.0f}" in shown(of)
    assert "so wrong ÷ answers is no share of a part: the estimate is weighted for that." in shown(of)
    for row in table(of).query("what == 'left'").itertuples():
        named = f"left, with the {float(row.of):.0%} of highest P(wrong) at the draw rechecked, too"
        named = named if float(row.of) else "left: nobody looked at them"
        assert f"{named} 0 of {row.labels} {row.estimate:.0f} {audit_words.span(row.low, row.high)}" in shown(of)
    assert "labels that were not drawn may be: so the upper limit is above 0" in shown(of)
    strata = "Labels were drawn by their P(wrong) then: suspect above 50%, doubtful above 5%, rest below"
    assert strata in shown(of)
    order = shown(after(down_to(made(tiny.ORDER, truth=False), 20), tiny.ORDER))
    assert "What the audit says" in order and "suspect above" not in order  # no P(wrong) is told
    obvious = table(of).set_index(["what", "of"]).loc["tier", "obvious"]
    found = f"Audit: of {obvious['answered']} obvious errors drawn {obvious['wrong']} were errors; "
    assert f"{found}by that, at least {obvious['low']:.0f} of all {obvious['labels']} are." in shown(of)


def test_people_who_err():
    rows = down_to(made(truth=False), 20)
    said = {int(example): [int(tiny.CLEAN[example])] * 2 for example in rows}
    some = [example for example in rows if made(truth=False).audit.frame.place[example]][:2]
    for example in some:
        said[int(example)][1] = (said[int(example)][0] + 1) % 3
    of = after(rows, said=said)
    page = shown(of)
    assert of.audit.pairs == 20 >= slips.FEWEST
    assert "People err: of 20 labels looked at twice 2 got two different answers. If they err on right " in page
    assert re.search(r"labels as often as on wrong ones, 0 to \d+ labels are wrong in truth", page)
    assert "How far people err is not known" not in page
    known = of.audit.frame._replace(stratum=np.where(of.audit.frame.place, of.audit.frame.stratum, KNOWN))
    of_known = of._replace(audit=of.audit._replace(frame=known))
    assert "People err" not in shown(of_known)
    assert numbers(of).truth is not None and numbers(of_known).truth is None


def test_what_was_known_before_is_told_apart():
    """Of labels that nobody drew, two were found wrong and one right before the draw."""
    before = made(truth=False)
    rows, place = down_to(before, 20), before.audit.frame.place
    beside = np.flatnonzero(place == 0)
    known = [*beside[WRONG[beside]][:2], *beside[~WRONG[beside]][:1]]
    assert len(known) == 3
    of = after([*rows, *known])
    stratum = of.audit.frame.stratum.copy()
    stratum[known] = KNOWN
    of = of._replace(audit=of.audit._replace(frame=of.audit.frame._replace(stratum=stratum)))
    drawn = WRONG[(place > 0) & (place <= 20)].sum()
    said = f"Of 20 labels drawn {drawn} were wrong, and 2 of 3 looked at before the draw."
    assert said in shown(of) and "not known: have 20 labels" not in shown(of)
    row = table(of).set_index(["what", "of"]).loc["rate", "all"]
    assert (row["answered"], row["wrong"]) == (20, drawn)


def test_labels_that_came_after_the_draw():
    """Nothing is known of two: there is no stop where everything else was looked at."""
    of = after(range(tiny.N))
    at = of.audit.at.copy()
    at[:2] = -1
    page = shown(of._replace(audit=of.audit._replace(at=at)))
    assert "2 labels came after the draw, and the audit says nothing of them" in page
    assert "What next? stop here" in shown(of) and "What next? stop, or audit on" in page


def test_the_list_comes_first_and_errors_that_it_misses_are_told():
    of, cost = after(down_to(made(truth=False), 20)), tiny.section().cost
    found = numbers(of)
    assert found.stop.advice == stop.RECHECK and found.stop.hidden_low <= 1 / 20
    many = found._replace(stop=found.stop._replace(hidden_low=0.123))
    more = [
        line for line in audit_words.reasons(many, cost, BY) if line not in audit_words.reasons(found, cost, BY)
    ]
    held = "the labels that it held for right (P(wrong) below 5% at the draw)"
    assert more == [f"The list misses errors: at least 12.3% of {held} are wrong, too."]


def test_stop_here_is_reached():
    """No error among 40 of 60: four wrong ones would all be missed with a chance of .0099, three with .033, and
    .0125 is allowed for. Three of twenty are few where an error is worth looking at five labels."""
    answers, section = UNHEARD.copy(), tiny.section()
    rows = down_to(made(tiny.NOTHING, truth=False), 40)
    answers[rows] = tiny.WORSE[rows]
    section.cost = type(section.cost)(seconds=6.0, price=None, currency="", worth=5.0)
    of = made(tiny.NOTHING, answers=answers, truth=False)
    said = (
        "0 to 3 of 60 labels were wrong as given, by answers alone (95% limits, 40 labels drawn at random). After "
        "40 answers, "
    )
    assert texts(of, section=section)["verdict.txt"] == f"{said}stop here, as at most 3 of 20 are still wrong.\n"
    page = shown(of, section=section)
    assert "What next? stop here Looking on brings too little: less than one label left in 5 is wrong." in page
    assert "Left: 0 to 3 wrong ones among 20 labels that nobody looked at (audit)." in page
    assert texts(of)["verdict.txt"] == f"{said}at most 3 of 20 are still wrong.\n"  # of which 15% are too many
    full = shown(after(range(tiny.N)))
    assert "What next? stop here" in full and "Left: 0 wrong ones among 0 labels" in full


@pytest.mark.parametrize("verdict", ["order", "nothing"])
def test_the_audit_speaks_where_the_model_may_not(verdict):
    gate = tiny.GATES[verdict]
    before = made(gate, truth=False)
    assert "What next? fill in to_audit.csv" in shown(before)
    if verdict == "nothing":
        assert sorted(work(before)) == sorted(np.flatnonzero(before.audit.frame.place))
        assert "(2 min): labels drawn at random." in shown(before)
    of = after(down_to(before, 20), gate)
    page, row = shown(of), table(of).set_index(["what", "of"]).loc["rate", "all"]
    assert f"How many errors? {row['low']:.0f} to {row['high']:.0f} of 60 labels By the audit" in page
    assert "P(wrong) 9" not in page and "No label left has P(wrong)" not in page and "stop here" not in page
    if verdict == "nothing":
        assert gate_words.no_list(BY) in page and "rechecked of the list" not in page
        assert "It learned from these labels: trust nothing that it says." in page
        assert "with the first" not in page  # there is no list
    else:
        assert "The models cannot tell: that share changes" in page
        assert "two models believed" not in page  # nothing was told before


def test_what_nobody_can_tell_is_not_asked_again_and_does_not_hold_the_end_up():
    of = made(truth=False)
    doubt = lists.ranked(outputs.listed(of, tiny.DETECT))[:5]
    answers = truth([example for example in range(tiny.N) if example not in doubt])
    answers[doubt] = UNSURE
    of = made(answers=answers, truth=False)
    assert work(of) == [] and len(lists.ranked(outputs.listed(of, tiny.DETECT))) == 5
    page = shown(of)
    assert "What next? stop here" in page and "count once as right and once as wrong" in page


def test_all_of_the_audit_is_answered():
    of = made(tiny.NOTHING, truth=False)
    page = shown(after(down_to(of, 40), tiny.NOTHING))
    assert "a higher recheck.audit.round draws more labels" in page and "could show" not in page


def test_prices_are_said():
    section = tiny.section()
    section.cost = type(section.cost)(seconds=600.0, price=0.25, currency="EUR", worth=20.0)
    rows = len(down_to(made(truth=False), 20))
    assert f"({rows / 6:.1f} hours, {rows / 4:.2f} EUR)" in shown(made(truth=False), section=section)


def test_faults_of_the_input():
    of, head = made(), "What the input shows by itself"
    assert head not in shown(of)
    rows = {"kind": ["copies"], "where": ["<b>a.png</b>"], "what": ["2 files & <i>one</i> picture"], "count": [2]}
    faults = results.check("input_faults", pd.DataFrame(rows))
    page = texts(of, input_faults=faults)["list.html"]
    assert head in page and "<b>a.png" not in page and "<i>one" not in page and "tables/copies.csv" not in page
    assert "2 files & <i>one</i> picture <b>a.png</b>" in shown(of, input_faults=faults)
    facts = {"group": [0, 0], "index": [1, 2], "file": ["a", "b"], "given": ["a", "a"], "match": ["exact"] * 2}
    copies = pd.DataFrame(facts | {"two_labels": [False] * 2})
    assert ("a", {"href": "tables/copies.csv"}) in tags(texts(of, input_faults=faults, copies=copies)["list.html"])


def test_names_of_classes_in_the_audit_are_escaped():
    names = ["<script>1</script>", 'b "x" & y', "<img src=x onerror=y>"]
    of = after(down_to(made(truth=False), 20), names=names)
    page = texts(of)["list.html"]
    assert not {tag for tag, _ in tags(page)} & {"script"} and "<img src=x" not in page
    assert f"labelled {names[2]}" in shown(of)


def test_level_of_the_limits_is_told():
    assert LEVEL == 0.95 and "(95% limits" in shown(after(down_to(made(truth=False), 20)))


def test_answers_that_cannot_tell_set_no_p_wrong_right():
    """Where predictors err often the sum of P(wrong) stays untold until answers do."""
    often, asked = tiny.ALL._replace(contradicted=0.5), work(made())
    for told, said in ((UNSURE, False), (None, True)):
        answers = truth(asked) if told is None else np.where(np.isin(np.arange(tiny.N), asked), told, UNHEARD)
        of = made(often, answers=answers.astype(np.int16))
        assert numbers(of).look and numbers(of).set_right == said
        assert ("expected to be wrong" in shown(of)) <= said


def test_labels_that_are_gone_are_told_and_nothing_of_other_labels_stands_beside():
    of = after(down_to(made(truth=False), 20))
    gone = np.flatnonzero(of.audit.code == codes.UNANSWERED)[:5]
    at, code = of.audit.at.copy(), of.audit.code.copy()
    at[gone], code[gone] = -1, codes.GONE
    page, fewer = shown(of), shown(of._replace(audit=of.audit._replace(at=at, code=code)))
    assert "of 60 labels were wrong as given" in page and "of 60 labels of the draw were wrong as given" in fewer
    assert "5 labels of the draw are not there any more" in fewer and "not there any more" not in page
    assert "two models believed" in page and "two models believed" not in fewer
    unseen = (of.audit.code == codes.UNANSWERED).sum()
    assert f"wrong ones among {unseen - 5} labels that nobody looked at" in fewer


def test_what_is_advised_is_in_the_work_list():
    """Also where fewer rows are asked to be exported."""
    of, section = after(down_to(made(truth=False), 20)), tiny.section()
    section.export, found = 1, outputs.listed(of, tiny.DETECT)
    found = found._replace(tier=np.zeros_like(found.tier))  # none is an obvious or possible error
    rows = outputs.work(of, found, section)
    advised = numbers(of).stop.next_labels
    assert advised > 1 and set(outputs.unseen(found)[:advised].tolist()) <= set(rows)


def test_answers_to_the_draw_are_counted_wherever_one_is_missing():
    place = made(truth=False).audit.frame.place
    page = shown(after(np.flatnonzero((place > 1) & (place < 20))))
    assert "Once the first 20 that were drawn are all answered (18 are)" in page


def test_labels_after_the_draw_are_why_it_does_not_say_to_stop():
    of = after(down_to(made(truth=False), 40))
    found = numbers(of)
    stopped = found.stop._replace(advice=stop.UNSURE, hidden_high=0.01)
    said = audit_words.reasons(found._replace(outside=7, stop=stopped), tiny.section().cost, BY)
    assert said[0] == (
        "By the audit less than one label left in 20 is wrong, but it says nothing of the 7 labels that came "
        "after its draw."
    )
    unsure = found._replace(stop=stopped._replace(hidden_high=0.06))
    (said, *_) = audit_words.reasons(unsure, tiny.section().cost, BY)
    assert "the audit is too small to say the same: up to 6.0% of them may be." in said

"""What the report says of the answers to an audit, against rows put into the table by hand."""

import pandas as pd

from labelnoise import results
from labelnoise.report import audit

RUN = {"network": "pixels", "noise": "given", "noise_rate": 0.0, "realised_rate": float("nan"), "seed": 0}


def _table(*parts, look=60):
    """parts: (what, of, labels, answered, wrong, unsure, low, high)"""
    columns = ["what", "of", "labels", "answered", "wrong", "unsure", "low", "high"]
    rows = pd.DataFrame(parts, columns=columns).assign(
        look=look, estimate=0.0, textbook_low=0.0, textbook_high=0.0
    )
    return results.check("audit", rows.assign(**RUN))


TABLE = _table(
    ("rate", "all", 1797, 60, 22, 3, 190, 1262),
    ("tier", "rest", 1500, 18, 0, 0, 0, 90), ("tier", "obvious", 200, 24, 23, 0, 170, 200),
    ("tier", "possible", 97, 18, 2, 0, 3, 40),
    ("stratum", "suspect", 230, 24, 23, 0, 175, 230), ("stratum", "known", 20, 20, 4, 0, 4, 4),
    ("class", "obvious", 10, 0, 0, 0, 0, 10), ("class", "cat", 1787, 60, 22, 0, 190, 1100),
    ("left", "0.1", 1581, 0, 0, 0, 2, 90), ("left", "0.02", 1715, 0, 0, 0, 2, 95),
    ("left", "0", 1737, 0, 0, 0, 4, 99),
)  # fmt: skip


def test_the_sentence():
    assert audit.sentences({"audit": TABLE}, 0.9) == [
        "Audit (labels as given, after 60 answers): 190 to 1,262 of 1,797 labels were wrong as given (90% limits, "
        "whatever the noise model believes); 22 of the 60 answers that count say so, and 3 cannot tell."
    ]
    (injected,) = audit.sentences({"audit": TABLE.assign(noise="symmetric", noise_rate=0.4, unsure=0)}, 0.95)
    assert injected.startswith("Audit (symmetric 0.4, seed 0, after 60 answers):")
    assert injected.endswith("22 of the 60 answers that count say so.")


def test_a_row_per_part_in_the_order_of_a_reader():
    shown = audit.answers(TABLE, 0.9)
    rows = shown.frame.to_numpy().tolist()
    assert [row[1] for row in rows] == [
        "all", "obvious", "possible", "rest", "suspect", "known", "cat", "obvious", "no more of it",
        "its first 2%", "its first 10%",
    ]  # fmt: skip
    assert rows[0] == ["all labels", "all", "60 of 1,797", "22", "190 to 1,262"]
    assert rows[1] == ["by tier at the draw", "obvious", "24 of 200", "23", "170 to 200"]
    assert rows[7] == ["by given label", "obvious", "0 of 10", "0", "0 to 10"]
    assert rows[9][0].startswith("labels that nobody looked at") and rows[9][2:] == ["0 of 1,715", "", "2 to 95"]
    assert "labels that were not drawn may be" in shown.note
    assert "Labels as given, after 60 answers" in shown.note and "90% limits" in shown.note and not shown.folded


def test_many_classes_are_folded():
    classes = [("class", f"{at:02}", 10, 1, 0, 0, 0, 9) for at in range(audit.LONG + 1)]
    assert audit.answers(_table(*classes), 0.95).folded


def test_before_the_first_look_there_is_nothing():
    early = TABLE.assign(look=0)
    assert audit.answers(early, 0.95) is None and audit.sentences({"audit": early}, 0.95) == []
    assert audit.answers(results.empty("audit"), 0.95) is None
    assert audit.sentences({"audit": results.empty("audit")}, 0.95) == audit.sentences({}, 0.95) == []

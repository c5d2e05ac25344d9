"""Titles of the note's statements: none is cut, and each is of a statement that claims.yaml has."""

from pathlib import Path

import yaml
from markupsafe import escape

from labelnoise.report import templating, titles

ROOT = Path(__file__).parents[2]
CLAIMS = yaml.safe_load((ROOT / "claims.yaml").read_text("utf-8")).values()
SAID = {claim["said"] for claim in CLAIMS}
LONG = 70  # letters, of a row of the page's table


def test_every_long_statement_has_a_title_that_is_shorter_and_whole():
    assert titles.TITLES.keys() <= SAID
    for said in SAID:
        told = titles.title(said)
        assert len(told) <= LONG and "…" not in told and (told == said or len(told) < len(said)), said


def test_no_two_claims_have_one_title():
    claimed = [(claim["said"], claim["claim"]) for claim in CLAIMS]
    told = [titles.of_claim(*one) for one in claimed]
    assert len(set(told)) == len(told) and all(len(one) <= LONG for one in told)
    assert titles.CLAIMS.keys() <= {claim for _, claim in claimed}
    assert titles.of_claim("said.", "claimed") == "said."


def test_a_statement_without_a_title_is_told_whole():
    assert titles.title("short & sweet") == "short & sweet"


def test_numbers_lead_to_what_is_told_of_the_claims():
    one = templating.environment().filters["titled"]("No. 4, 33: A < b: c.", "digits")
    links = [f'<a href="more/claims.html#digits-claim-{number}">{number}</a>' for number in (4, 33)]
    assert one == f"{', '.join(links)}: {escape('A < b: c')}"

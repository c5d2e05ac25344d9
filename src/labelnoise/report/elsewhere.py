"""What was compared with papers, or repeated, beside the study: folders of `reports` with a page README.md that
says, between the marks <!-- outcome -->, what came out. labelnoise.docs counts that from the folder's tables. Here
it is read, so that the pages of the study lead there. A preset's copy of the project has no such folders, and
nothing is told.
"""

import re
from pathlib import Path
from typing import NamedTuple

from labelnoise.report import marks

PAGE, MARK = "README.md", "outcome"


class Elsewhere(NamedTuple):
    """A page beside the study."""

    address: str  # from the folder `reports`
    title: str
    outcome: str


def found(reports: Path) -> list[Elsewhere]:
    """The pages in folders of `reports` that say what came out, by the name of their folder."""
    pages = sorted(reports.glob(f"*/{PAGE}"))
    read = [(page.relative_to(reports).as_posix(), page.read_text("utf-8")) for page in pages]
    told = [(address, text, marks.inside(text, MARK)) for address, text in read]
    return [Elsewhere(address, _title(address, text), outcome) for address, text, outcome in told if outcome]


def _title(address: str, text: str) -> str:
    """The first heading of a page in Markdown; without one the name of its folder."""
    heading = re.search(r"^# (.*)$", text, re.MULTILINE)
    return heading[1] if heading else address.partition("/")[0]

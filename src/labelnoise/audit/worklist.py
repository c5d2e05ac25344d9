"""What to look at next: suspects from the top of the list and labels of the audit, mixed and unmarked.

Whoever looks cannot tell which is which, so that all get the same care. Labels of the audit keep their order, so
that any beginning of the work is a beginning of the audit.
"""

import numpy as np

from labelnoise import files

_MIX, _UNTOLD = 8, 10  # random streams
UNTOLD = 0.5  # share of the suspects of which nothing is told while the audit lasts (ours)


def mixed(suspects: list[int], audit: list[int], share: float, seed: int) -> list[int]:
    """Positions of both, each once; `share` of the rows are of the audit until it ends. Both in their order."""
    rng, made, seen = np.random.default_rng([_MIX, seed]), [], set()
    waiting = [iter(suspects), iter(audit)]
    while waiting:
        which = int(rng.random() < share) if len(waiting) == 2 else 0
        at = next((one for one in waiting[which] if one not in seen), None)
        if at is None:
            del waiting[which]
            continue
        seen.add(at)
        made.append(at)
    return made


def text(rows: list[dict], key: str) -> str:
    """As CSV: `key` (file or index), `given`, and an empty `label` to fill in."""
    return files.quoted([key, "given", "label"], ([row[key], row["given"], ""] for row in rows))


def untold(rows: list[int], audit: list[int], seed: int) -> list[bool]:
    """Of each row, whether nothing is told of it but its label: of all labels of the audit, and as long as these
    last of UNTOLD of the suspects between them. So what is told of a row does not tell that it is of the audit,
    and no answer to the audit follows a suggestion.
    """
    asked, rng = set(audit), np.random.default_rng([_UNTOLD, seed])
    last = max((row for row, at in enumerate(rows) if at in asked), default=-1)
    drawn = rng.random(len(rows)) < UNTOLD
    return [at in asked or (row < last and bool(drawn[row])) for row, at in enumerate(rows)]

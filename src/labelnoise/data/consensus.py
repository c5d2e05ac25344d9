"""One label for each file of which several people gave one: that of the majority."""

from collections import Counter
from collections.abc import Collection, Mapping

from labelnoise.data.words import counted, some
from labelnoise.types import Note

TIE = "\0tie"  # in place of a label: no class has such a name


def majority(labels: Collection[str], missing: Collection[str]) -> str:
    """The label that most of `labels` name; missing ones are no vote. TIE where two are as frequent, the missing
    word where nobody named a class."""
    votes = Counter(label for label in labels if label not in missing).most_common(2)
    if not votes:
        return next(iter(labels))
    return TIE if len(votes) == 2 and votes[0][1] == votes[1][1] else votes[0][0]


def notes(votes: Mapping[str, Collection[str]], missing: Collection[str]) -> list[Note]:
    """votes: file -> a label per person."""
    named = {file: [label for label in labels if label not in missing] for file, labels in votes.items()}
    several = [file for file, labels in named.items() if len(labels) > 1]
    differ = sorted(file for file in several if len(set(named[file])) > 1)
    ties = [file for file in differ if majority(named[file], ()) == TIE]
    if not several:
        return []
    share = f"{len(differ):,} of {counted(len(several), 'file', 'files')} with labels of several people"
    part = f" ({len(differ) / len(several):.0%})"
    what = f"people disagree on {share}{part}: the label is the majority's"
    what += f", and {counted(len(ties), 'tie counts', 'ties count')} as unlabelled" if ties else ""
    return [Note("annotators", what, len(differ), some(differ))]

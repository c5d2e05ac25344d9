"""All that is wrong with one file or folder in one line: counted by kind, the first few of each named."""

from typing import NamedTuple

SHOWN = 4  # places of a kind
MOST_KINDS = 8


class Kind(NamedTuple):
    """A kind of fault."""

    one: str  # said after the place of a single one
    many: str  # said after their number
    allowed: str


Faults = dict[Kind, list[str]]  # places in words


def add(faults: Faults, kind: Kind, place: str) -> None:
    faults.setdefault(kind, []).append(place)


def of(kind: Kind, places: list[str]) -> Faults:
    """Faults of one kind, if there are any."""
    return {kind: places} if places else {}


def check(faults: Faults, origin: str, things: str) -> None:
    """ValueError where there is any. origin: the file or folder; things: what cannot be used, as `rows`."""
    if faults:
        raise ValueError(message(faults, origin, things))


def message(faults: Faults, origin: str, things: str) -> str:
    count, shown = sum(map(len, faults.values())), list(faults.items())[:MOST_KINDS]
    allowed = "; ".join(dict.fromkeys(kind.allowed for kind, _ in shown))
    if count == 1:
        kind, (place,) = shown[0]
        return f"{origin}: {place}{kind.one}; allowed: {allowed}"
    if len(faults) == 1:
        kind, places = shown[0]
        return f"{origin}: {count:,} {things} {kind.many} ({some(places)}); allowed: {allowed}"
    told = [f"{len(places):,} {kind.many} ({some(places)})" for kind, places in shown]
    more = " ..." if len(faults) > len(shown) else ""
    return f"{origin}: {count:,} {things} cannot be used: {', '.join(told)}{more}; allowed: {allowed}"


def some(places: list[str], most: int = SHOWN) -> str:
    """The first of `places`, in words."""
    return "; ".join(places[:most]) + (" ..." if len(places) > most else "")

"""Numbers and names in the sentences of notes and messages."""

SHOWN = 5  # names


def counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def some(names: list[str], most: int = SHOWN) -> str:
    """The first of `names`."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more

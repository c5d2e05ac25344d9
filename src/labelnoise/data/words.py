"""Numbers and names in the sentences of notes and messages."""

SHOWN = 5  # names


def counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def skipping(name: str) -> str:
    """The setting that leaves out what cannot be read of the data set `name`, and its file."""
    return f"datasets.{name}.data.folder.unreadable: skip, in presets/own.yaml for make own,"


def some(names: list[str], most: int = SHOWN) -> str:
    """The first of `names`."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more

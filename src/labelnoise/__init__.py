"""Learning with noisy labels, settled by evidence."""


def __getattr__(name: str):
    """`labelnoise.find`, imported when it is first asked for: the stages do without."""
    if name == "find":
        from labelnoise.suspects import find

        return find
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

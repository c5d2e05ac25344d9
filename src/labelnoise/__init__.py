"""Learning with noisy labels, settled by evidence."""


def __getattr__(name: str):
    """`labelnoise.find` and `labelnoise.fit`, imported when first asked for: the stages do without."""
    if name == "find":
        from labelnoise.suspects import find

        return find
    if name == "fit":
        from labelnoise.one import fit

        return fit
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

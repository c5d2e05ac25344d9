"""Texts of which a part is made anew: what stands between the marks <!-- mark --> and <!-- /mark -->."""

import re


def inside(text: str, mark: str) -> str | None:
    """What stands between the marks; None without them."""
    found = _marked(mark).search(text)
    return None if found is None else found[1].strip()


def between(text: str, mark: str, content: str) -> str:
    """`text` with `content` between the marks; ValueError where they are not."""
    if not _marked(mark).search(text):
        raise ValueError(f"no <!-- {mark} --> before <!-- /{mark} -->")
    return _marked(mark).sub(lambda _: f"<!-- {mark} -->\n{content}\n<!-- /{mark} -->", text)


def _marked(mark: str) -> re.Pattern[str]:
    return re.compile(f"<!-- {mark} -->(.*)<!-- /{mark} -->", re.DOTALL)

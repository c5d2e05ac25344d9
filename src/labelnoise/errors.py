"""How a stage ends when the input is bad or a file cannot be written: one line, a non-zero exit, no traceback."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_line() -> Iterator[None]:
    """Turn a ValueError or an OSError into one line; LABELNOISE_TRACEBACK=1 shows where it came from."""
    try:
        yield
    except (ValueError, OSError) as error:
        if os.environ.get("LABELNOISE_TRACEBACK") == "1":
            raise
        sys.exit(f"error: {error}")

"""How every stage runs: on one thread of linear algebra, and ending with one line when something is off."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def running() -> Iterator[None]:
    """Turn a ValueError or an OSError into one line and a non-zero exit; LABELNOISE_TRACEBACK=1 shows all.

    One thread, since a matrix product summed by two rounds differently, and a stage must give the same bytes
    whatever the number of cores. Training is parallel over processes.
    """
    with threadpool_limits(1):
        try:
            yield
        except KeyboardInterrupt:
            sys.exit("interrupted: finished runs and checkpoints are kept, run again to go on")
        except (ValueError, OSError) as error:
            if os.environ.get("LABELNOISE_TRACEBACK") == "1":
                raise
            named = isinstance(error, OSError) and error.filename
            sys.exit(f"error: {error.filename}: {error.strerror}" if named else f"error: {error}")

"""The study of `tests/recheck` is shared with these tests."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "recheck"))

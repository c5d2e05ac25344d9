"""Runs a notebook without a kernel, which takes two seconds to start; test_notebook.py runs some with one."""

import contextlib
import io
from pathlib import Path
from typing import Any

import jupytext


def run(source: Path, given: dict[str, Any]) -> str:
    """What the notebook prints with `given` in place of the values in its cell tagged "parameters"."""
    printed, names = io.StringIO(), {}
    with contextlib.redirect_stdout(printed):
        for cell in jupytext.read(source).cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, source, "exec"), names)
            if "parameters" in cell.metadata.get("tags", []):
                assert not given.keys() - names.keys()
                names |= given
    return printed.getvalue()

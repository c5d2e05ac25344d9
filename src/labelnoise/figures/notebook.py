"""Runs a notebook kept as text, and stores it so that a rerun changes no byte.

jupytext turns the percent file into a notebook, papermill executes it with parameters, and what differs
between two runs (random cell ids, times, the Python version) is taken out. Links stand in place of pictures.
"""

import logging
import os
import tempfile
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import papermill

from labelnoise import files

KERNEL = "python3"
PICTURE = "image/svg+xml"


def execute(source: Path, output: Path, parameters: dict[str, Any]) -> list[Path]:
    """Execute `source` (percent format) with `parameters` in the current directory; write `output` (.ipynb).
    Returns the files of the pictures that it shows (figures.style.Picture).

    ValueError when a parameter is not in the cell tagged "parameters", or when a cell fails: then `output`
    is left as it was.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain, executed = _plain(source, folder), Path(folder, "executed.ipynb")
        _check(source, plain, parameters)
        _run(source, plain, executed, parameters)
        result = _normalize(nbformat.read(executed, as_version=4))
    outputs = [made for cell in result.cells for made in cell.get("outputs", [])]
    shown = [_linked(made, output.parent) for made in outputs if PICTURE in made.get("data", {})]
    files.write_text(output, nbformat.writes(result) + "\n")
    return shown


def parameters(source: Path) -> list[str]:
    """Names in the cell of `source` that is tagged "parameters"."""
    with tempfile.TemporaryDirectory() as folder:
        return list(papermill.inspect_notebook(str(_plain(source, folder))))


def _plain(source: Path, folder: str) -> Path:
    """`source` as an .ipynb file in `folder`."""
    path, notebook = Path(folder, "plain.ipynb"), jupytext.read(source)
    notebook.metadata["kernelspec"] = {"name": KERNEL, "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path


def _check(source: Path, plain: Path, parameters: dict[str, Any]) -> None:
    """papermill only warns of an unknown parameter, and the notebook then runs with its default."""
    known = papermill.inspect_notebook(str(plain))
    if unknown := [name for name in parameters if name not in known]:
        raise ValueError(f"{source}: unknown parameter {unknown[0]!r}; allowed: {', '.join(known)}")


def _run(source: Path, plain: Path, executed: Path, parameters: dict[str, Any]) -> None:
    # A python3 kernel of the user's home must not win over this environment's.
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        papermill.execute_notebook(
            str(plain), str(executed), parameters, kernel_name=KERNEL, progress_bar=False, log_output=False,
            extra_arguments=["--log-level=CRITICAL"],  # of the kernel: its warnings are about sockets
        )  # fmt: skip
    except papermill.PapermillExecutionError as error:
        raise ValueError(f"{source}: cell {error.cell_index}: {error.ename}: {error.evalue}") from error


def _linked(output: nbformat.NotebookNode, folder: Path) -> Path:
    """Replace the picture in `output` by a link to its file, from `folder`; that file."""
    path = Path(output.data["text/plain"])
    address = Path(os.path.relpath(path, folder)).as_posix()
    output["data"] = {"text/markdown": f"[![{path.stem}]({address})]({address})"}
    return path


def _normalize(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{place}"
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if "outputs" in cell:
            cell.outputs = _joined(cell.outputs)
    for key in ("papermill", "widgets", "jupytext"):
        notebook.metadata.pop(key, None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    return notebook


def _joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Prints of a cell as one output: a kernel sends them in as many parts as its timing has it."""
    whole: list[nbformat.NotebookNode] = []
    for output in outputs:
        before = whole[-1] if whole else {}
        if output.output_type == "stream" and before.get("name") == output.name:
            before["text"] += output.text
        else:
            whole.append(output)
    return whole

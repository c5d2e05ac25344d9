"""Runs a notebook kept as text, and stores it so that a rerun changes no byte.

jupytext turns the percent file into a notebook, papermill executes it with parameters, and what differs
between two runs (random cell ids, times, the Python version) is taken out. Links stand in place of pictures.
Notebooks that follow one another share a kernel: its start and its imports take longer than most figures.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import papermill
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode

from labelnoise import files

KERNEL = "python3"
FORGET = "get_ipython().reset()"  # all names and numbers of cells; what was imported stays loaded
SECONDS = 60  # for a kernel to forget
PICTURE = "image/svg+xml"


@contextmanager
def started() -> Iterator[KernelManager]:
    """A kernel in the current directory, for `execute`."""
    # A python3 kernel of the user's home must not win over this environment's.
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    kernel = KernelManager(kernel_name=KERNEL)
    kernel.start_kernel(extra_arguments=["--log-level=CRITICAL"])  # its warnings are about sockets
    try:
        yield kernel
    finally:
        kernel.shutdown_kernel(now=True)


def execute(source: Path, output: Path, parameters: dict[str, Any], kernel: KernelManager) -> list[Path]:
    """Execute `source` (percent format) with `parameters` where `kernel` runs; write `output` (.ipynb).
    Returns the files of the pictures that it shows (figures.style.Picture).

    ValueError when a parameter is not in the cell tagged "parameters", or when a cell fails: then `output`
    is left as it was.
    """
    plain = _plain(source)
    _check(source, plain, parameters)
    result = _normalize(_run(source, plain, parameters, kernel))
    outputs = [made for cell in result.cells for made in cell.get("outputs", [])]
    shown = [_linked(made, output.parent) for made in outputs if PICTURE in made.get("data", {})]
    files.write_text(output, nbformat.writes(result) + "\n")
    return shown


def parameters(source: Path) -> list[str]:
    """Names in the cell of `source` that is tagged "parameters"."""
    return list(papermill.inspect_notebook(_plain(source)))


def _plain(source: Path) -> NotebookNode:
    """`source` as papermill takes it; not as a file, for which it would change the directory of all threads."""
    notebook = jupytext.read(source)
    notebook.metadata["kernelspec"] = {"name": KERNEL, "display_name": "Python 3", "language": "python"}
    return notebook


def _check(source: Path, plain: NotebookNode, parameters: dict[str, Any]) -> None:
    """papermill only warns of an unknown parameter, and the notebook then runs with its default."""
    known = papermill.inspect_notebook(plain)
    if unknown := [name for name in parameters if name not in known]:
        raise ValueError(f"{source}: unknown parameter {unknown[0]!r}; allowed: {', '.join(known)}")


def _run(source: Path, plain: NotebookNode, parameters: dict[str, Any], kernel: KernelManager) -> NotebookNode:
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        executed = papermill.execute_notebook(
            plain, None, parameters, kernel_name=KERNEL, progress_bar=False, log_output=False, km=kernel
        )
    except papermill.PapermillExecutionError as error:
        _forget(kernel)
        raise ValueError(f"{source}: cell {error.cell_index}: {error.ename}: {error.evalue}") from error
    _forget(kernel)
    return executed


def _forget(kernel: KernelManager) -> None:
    """The next notebook finds nothing of this one. Done after a notebook, when the kernel is known to answer: to
    wait until it does takes a fifth of a second."""
    client = kernel.blocking_client()
    client.start_channels()
    try:
        client.execute(FORGET, silent=True, reply=True, timeout=SECONDS)
    finally:
        client.stop_channels()


def _linked(output: NotebookNode, folder: Path) -> Path:
    """Replace the picture in `output` by a link to its file, from `folder`; that file."""
    path = Path(output.data["text/plain"])
    address = Path(os.path.relpath(path, folder)).as_posix()
    output["data"] = {"text/markdown": f"[![{path.stem}]({address})]({address})"}
    return path


def _normalize(notebook: NotebookNode) -> NotebookNode:
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


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Prints of a cell as one output: a kernel sends them in as many parts as its timing has it."""
    whole: list[NotebookNode] = []
    for output in outputs:
        before = whole[-1] if whole else {}
        if output.output_type == "stream" and before.get("name") == output.name:
            before["text"] += output.text
        else:
            whole.append(output)
    return whole

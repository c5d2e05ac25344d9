"""Stage `figures`: execute the notebooks of one data set, and store them with their figures."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import checkout  # first: the code of this checkout, whatever is installed

from labelnoise import artifacts, files, params, stage
from labelnoise.figures import notebook

AT_ONCE = 2  # kernels, of one thread each; a notebook takes one that is idle
SHOWN = ["overview"]  # notebooks whose figures README and summary.md show: kept in git


def main() -> None:
    dataset = artifacts.asked(__doc__)
    p, paths = params.load(), artifacts.of(dataset)
    for folder in (paths.figures, paths.pictures, paths.notebooks):
        shutil.rmtree(folder, ignore_errors=True)  # figures of another study are none of this one's
        folder.mkdir(parents=True)
    places = {"tables": str(paths.tables), "data": str(paths.images)}
    given = {"dataset": dataset, **places, "methods": params.grid_names(p)}
    idle = SimpleQueue()
    with ExitStack() as ending, ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(min(AT_ONCE, len(list(p.figures)))):
            idle.put(ending.enter_context(notebook.started()))
        drawn = list(pool.map(partial(_execute, paths, given, idle), p.figures, p.figures.values()))
    names = {path.stem: path.relative_to(paths.reports).as_posix() for part in drawn for path in part}
    files.write_text(paths.drawn, json.dumps(names, indent=1) + "\n")


def _execute(
    paths: artifacts.Artifacts, given: dict[str, Any], idle: SimpleQueue, name: str, section: dict[str, Any]
) -> list[Path]:
    """Execute the notebook `name` with its section of params.yaml, and what it knows of `given`, by a kernel of
    `idle`; its figures."""
    source, folder = Path("notebooks", f"{name}.py"), paths.pictures if name in SHOWN else paths.figures
    known = notebook.parameters(source)
    common = {key: value for key, value in given.items() if key in known} | {"figures": str(folder)}
    kernel = idle.get()
    try:
        return notebook.execute(source, paths.notebooks / f"{name}.ipynb", common | section, kernel)
    finally:
        idle.put(kernel)


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()

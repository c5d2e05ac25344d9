"""Where runs and the user's own files are, also for an experiment that DVC runs in a copy of the project."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

# within a project: below it, a folder per experiment of `dvc exp run --temp`, `--queue`
QUEUED = (".dvc", "tmp", "exps")
OWN_FILES = {"folder": ("root", "csv"), "arrays": ("file", "root")}  # keys of own data that name files


def project() -> Path:
    """The project that this folder is an experiment's copy of; the folder itself elsewhere.

    Git makes the copy: it has no file that git has not, and is gone when the experiment ends."""
    for folder in Path.cwd().parents:
        if folder.parts[-len(QUEUED) :] == QUEUED:
            return folder.parents[2]
    return Path()


def store(params: Any) -> Path:
    """`run.store`, in the project's folder: an experiment then finds what is trained."""
    return project() / params.run.store


def own_files(values: dict, source: Path) -> dict:
    """What makes the user's files absolute: they are named relative to `source`, not to a copy of it."""

    def absolute(section: dict, keys: Iterable[str]) -> dict:
        return {key: str(source.resolve() / Path(section[key]).expanduser()) for key in keys if section.get(key)}

    datasets = {}
    for name, section in values.get("datasets", {}).items():
        kinds = {kind: keys for kind, keys in OWN_FILES.items() if section.get("data", {}).get(kind)}
        datasets[name] = {"data": {kind: absolute(section["data"][kind], keys) for kind, keys in kinds.items()}}
        if section.get("features"):  # a list is replaced whole
            datasets[name]["features"] = [{**of, **absolute(of, ("file",))} for of in section["features"]]
    answers = values.get("recheck", {}).get("answers", {})
    downloads = absolute(values.get("download", {}), ("folder", "cache"))
    released = {name: absolute(section, ("file",)) for name, section in values.get("released", {}).items()}
    answers = {"answers": absolute(answers, answers)}
    return {"datasets": datasets, "recheck": answers, "download": downloads, "released": released}

"""`labelnoise archive`: the study as one file to deposit, an RO-Crate in which `labelnoise verify` works."""

from pathlib import Path
from types import SimpleNamespace

from labelnoise import artifacts, own_data, params, reproduce
from labelnoise.archive import contents, crate, write
from labelnoise.archive.contents import Contents
from labelnoise.archive.piece import in_words
from labelnoise.commands import why, words
from labelnoise.data.words import counted, some
from labelnoise.methods import METHODS


def run(args: SimpleNamespace) -> None:
    project = Path()
    if args.out.exists():
        raise ValueError(f"--out {args.out}: is there already; allowed: another name")
    if not args.out.parent.is_dir():
        raise ValueError(f"--out {args.out}: {args.out.parent} is no folder; allowed: one that is there")
    p = params.load(methods=METHODS)
    _check_committed(project)
    _check_finished(p)
    found = contents.of_study(project, p, args.runs, args.images)
    pieces = sorted([*found.pieces, crate.metadata(found)])
    size = sum(piece.size for piece in pieces)
    words.tell(f"{counted(len(pieces), 'file', 'files')}, {in_words(size)} before they are compressed")
    _tell_left_out(project, p, args, found)
    write.archive(pieces, args.out)
    written = in_words(args.out.stat().st_size) if args.out.is_file() else "a folder"
    print(f"{args.out}: commit {found.commit[:12]}, {counted(len(pieces), 'file', 'files')}, {written}")


def _check_committed(project: Path) -> None:
    """The archive has the code at the commit: it would not be what made the results."""
    changed = contents.git(project, "status", "--porcelain", "--untracked-files=no").decode().splitlines()
    if names := [line[3:] for line in changed]:
        raise ValueError(f"changed and not committed: {some(names)}; commit first, as an archive is of a commit")


def _check_finished(p: params.Params) -> None:
    """Up to the list where `study.full` asks for no more."""
    stages = list(params.read("dvc.yaml")["stages"])
    wanted = stages if p.study.full else stages[: stages.index(reproduce.LIST) + 1]
    stale = why.stale(own_data.changed(p, artifacts.OWN_FILES))
    if stale := {stage: reason for stage, reason in stale.items() if stage.split("@")[0] in wanted}:
        first, reason = next(iter(stale.items()))
        said = f"not reproduced: {some(list(stale))}; {first}: {reason}"
        raise ValueError(f"{said}; allowed: after `make` or `dvc pull`, and a commit (`labelnoise why` has all)")


def _tell_left_out(project: Path, p: params.Params, args: SimpleNamespace, found: Contents) -> None:
    if not args.runs:
        folders = [project / artifacts.of(name).trained for name in p.study.datasets]
        size = sum(path.stat().st_size for folder in folders for path in folder.rglob("*"))
        if size:
            words.tell(f"what was trained is left out, {in_words(size)}: --runs takes it in")
    for name in found.left_out:
        words.tell(f"images of {name} are left out, they are your own: --images takes them in; file names stay")

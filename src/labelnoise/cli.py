"""The command `labelnoise`: a function per word that follows it, whose arguments are its options.

labelnoise find images --out suspects.csv
labelnoise predict new_images --model own/runs/folder/model.npz --out predictions.csv
labelnoise run --method elr --noise symmetric:0.4 --seeds 2
labelnoise why
labelnoise verify
labelnoise archive --out archive.zip
"""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import typer
from typer import Argument, Option

from labelnoise import arithmetic
from labelnoise.stage import said

Out = Annotated[Path, Option(help="CSV to write")]
Force = Annotated[bool, Option("--force", help="replace that CSV where it is there")]
Device = Annotated[Literal["auto", "cpu", "cuda"], Option(help="of torch")]
Cache = Annotated[Path, Option(help="folder of weights")]
Dataset = Annotated[str | None, Option(help="its section in params.yaml  [default: the first of study.datasets]")]

ABOUT = """Wrong labels in a folder, the classes of new images, and the study piece by piece.

Results go to files and standard output, progress to standard error. Whatever does not fit ends with a line for
each fault and exit code 1, and nothing is written."""

app = typer.Typer(
    help=ABOUT, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)


def main(words: list[str] | None = None) -> None:
    """words: of the command line; None: those of this process."""
    arithmetic.pin()  # commands import numpy
    try:
        app(_one_each(sys.argv[1:] if words is None else words, "--encoder"), prog_name="labelnoise")
    except SystemExit as done:
        if done.code:
            raise


@app.command()
def find(
    folder: Annotated[Path, Argument(help="images as <class>/<image>, or those that --csv names")],
    out: Out,
    csv: Annotated[Path | None, Option(help="a CSV with a file below the folder and a label per image")] = None,
    file_column: Annotated[str, Option(help="its column of files")] = "file",
    label_column: Annotated[str, Option(help="its column of labels")] = "label",
    group_column: Annotated[
        str | None, Option(help="its column of what belongs together, as the images of a patient")
    ] = None,
    encoder: Annotated[
        list[str] | None,
        Option(metavar="NAME", help="patches, efficientnet_lite0, pixels, torchvision/<name> (by image size)"),
    ] = None,
    force: Force = False,
    device: Device = "auto",
    cache: Cache = Path("downloads"),
) -> None:
    """Which labels are probably wrong, the most suspect first.

    Says what can be trusted of that.
    """
    _do("find", locals())


@app.command()
def predict(
    folder: Annotated[Path, Argument(help="images, of any depth; no labels are needed")],
    model: Annotated[Path, Option(help="a model.npz that `make` or `make own` left")],
    out: Out,
    encoder_file: Annotated[Path | None, Option(help="where the weights are, if the encoder is your own")] = None,
    force: Force = False,
    device: Device = "auto",
    cache: Cache = Path("downloads"),
) -> None:
    """The class of every image below a folder, and how sure that is."""
    _do("predict", locals())


@app.command()
def run(
    method: Annotated[list[str], Option(metavar="NAME", help="a row of `methods`; may be repeated")],
    noise: Annotated[list[str], Option(metavar="NAME:RATE", help="as symmetric:0.4; may be repeated")],
    seeds: Annotated[int | None, Option(min=1, help="how many  [default: study.seeds]")] = None,
    dataset: Dataset = None,
    set_: Annotated[
        list[str] | None,
        Option("--set", metavar="NAME=VALUE", help="a hyper-parameter, as q=0.5"),
    ] = None,
    network: Annotated[str | None, Option(help="of `networks` in params.yaml  [default: the data set's]")] = None,
    epochs: Annotated[int | None, Option(min=1, help="of training  [default: the data set's]")] = None,
    workers: Annotated[int | None, Option(min=1, help="processes  [default: run.workers]")] = None,
    out: Annotated[Path | None, Option(help="CSV to write, a row per run")] = None,
    force: Force = False,
) -> None:
    """Train methods in noise cells, and print a table.

    Cross-entropy is trained beside them. Runs that the study has trained are not trained again, and
    the study takes these from the store: so each seed is trained together with those beside it there.
    """
    _do("run", locals(), "finished runs are kept: run it again to go on")


@app.command()
def why(
    preset: Annotated[Path | None, Option(help="what this one would train, in a folder of its own")] = None,
) -> None:
    """What a change costs, before anything runs.

    Stages that are out of date, runs that are to be trained, and their CPU-minutes and memory.
    """
    _do("why", locals())


@app.command()
def verify(
    dataset: Dataset = None,
    tables: Annotated[str | None, Option(metavar="NAME,...", help="which  [default: all of them]")] = None,
    tolerance: Annotated[float, Option(min=0, help="relative difference that passes")] = 1e-5,
) -> None:
    """Make tables anew from stored runs, and compare.

    Each is equal, within tolerance, or changed and why; exit code 1 where one changed.
    """
    _do("verify", locals())


@app.command()
def archive(
    out: Annotated[Path, Option(help="zip file, or folder, to write")],
    runs: Annotated[
        bool, Option("--runs", help="with what was trained, so that every table can be verified")
    ] = False,
    images: Annotated[bool, Option("--images", help="with the images, your own among them")] = False,
) -> None:
    """The finished study as an RO-Crate, ready to deposit.

    Reports, tables, parameters, code at the commit, and label sets with Croissant metadata. Of your own
    images it has labels and file names alone. `labelnoise verify` works in it.
    """
    _do("archive", locals())


@app.command()
def register(
    open_: Annotated[bool, Option("--open", help="after look one: which claims it left open")] = False,
) -> None:
    """Fix the claims before their verdicts are known.

    Writes the hash and the commit of claims.yaml, and after look one the claims that look two is of.
    """
    _do("register", {"open": open_})


def _do(command: str, values: dict[str, Any], interrupted: str = "nothing was written") -> None:
    with _ending(interrupted):
        module = importlib.import_module(f"labelnoise.commands.{command}")  # torch takes seconds, help none
        module.run(SimpleNamespace(**values))


def _one_each(words: list[str], option: str) -> list[str]:
    """`--encoder a b` as `--encoder a --encoder b`: options that take several words are not known to typer."""
    found: list[str] = []
    several = False
    for word in words:
        several = word == option or (several and not word.startswith("-"))
        found += [option, word] if several and word != option and found[-1] != option else [word]
    return found


@contextmanager
def _ending(interrupted: str) -> Iterator[None]:
    """A line for each fault in place of a traceback; LABELNOISE_TRACEBACK=1 shows all."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(f"interrupted: {interrupted}")
    except (ValueError, OSError) as error:
        if os.environ.get("LABELNOISE_TRACEBACK") == "1":
            raise
        sys.exit("\n".join(f"error: {line}" for line in said(error).split("\n")))


if __name__ == "__main__":
    main()

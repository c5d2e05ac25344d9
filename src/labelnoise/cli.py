"""The command `labelnoise`: wrong labels in a folder of images, and the classes of new images.

    labelnoise find images --out suspects.csv
    labelnoise predict new_images --model own/runs/folder/model.npz --out predictions.csv

Results go to files and standard output, progress to standard error. Whatever does not fit ends with one line and
exit code 1, and nothing is written.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FIND = "Which labels are probably wrong, the most suspect first, and what can be trusted of that."
PREDICT = "The class of every image below a folder, and how sure that is."


def main(words: list[str] | None = None) -> None:
    """words: of the command line; None: those of this process."""
    args = _parser().parse_args(words)
    with _ending():
        importlib.import_module(f"labelnoise.commands.{args.command}").run(args)  # torch takes seconds, help none


def _parser() -> argparse.ArgumentParser:
    shown = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("labelnoise", description=__doc__, formatter_class=shown)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _find(commands.add_parser("find", help=FIND, description=FIND))
    _predict(commands.add_parser("predict", help=PREDICT, description=PREDICT))
    for command in commands.choices.values():
        command.add_argument("--out", type=Path, required=True, help="CSV to write")
        command.add_argument("--force", action="store_true", help="replace that CSV where it is there")
        command.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="of torch (auto)")
        command.add_argument("--cache", type=Path, default=Path("downloads"), help="folder of weights (downloads)")
    return parser


def _find(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="images as <class>/<image>, or those that --csv names")
    parser.add_argument("--csv", type=Path, help="a CSV with a file below the folder and a label per image")
    parser.add_argument("--file-column", default="file", help="its column of files (file)")
    parser.add_argument("--label-column", default="label", help="its column of labels (label)")
    parser.add_argument("--group-column", help="its column of what belongs together, as the images of a patient")
    parser.add_argument(
        "--encoder",
        nargs="+",
        metavar="NAME",
        help="patches, efficientnet_lite0, pixels, torchvision/<name> (by the size of the images)",
    )


def _predict(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="images, of any depth; no labels are needed")
    parser.add_argument("--model", type=Path, required=True, help="a model.npz that `make` or `make own` left")
    parser.add_argument("--encoder-file", type=Path, help="where the weights are, if the encoder is your own")


@contextmanager
def _ending() -> Iterator[None]:
    """One line in place of a traceback; LABELNOISE_TRACEBACK=1 shows all."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit("interrupted: nothing was written")
    except (ValueError, OSError) as error:
        if os.environ.get("LABELNOISE_TRACEBACK") == "1":
            raise
        named = isinstance(error, OSError) and error.filename
        sys.exit(f"error: {error.filename}: {error.strerror}" if named else f"error: {error}")


if __name__ == "__main__":
    main()

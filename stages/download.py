"""Get one data set, check it, store images, clean labels, test folds, class names; say what was left out."""

import sys

import checkout  # first: the code of this checkout, whatever is installed
import pandas as pd

from labelnoise import artifacts, data, files, params, results, stage
from labelnoise.data import npz
from labelnoise.recheck import seen


def main() -> None:
    name, p = artifacts.asked(__doc__), params.load()
    paths = artifacts.of(name)
    dataset = data.load(name, p.datasets[name].data, p.download)
    record = seen.grown(seen.read(paths.seen), dataset)
    for note in dataset.notes:
        print(f"note: datasets.{name}: {note.what}", file=sys.stderr)
    npz.save(dataset, paths.images)
    files.write_text(paths.seen, seen.text(record))
    results.write("left_out", pd.DataFrame(dataset.left_out, columns=results.columns("left_out")), paths.tables)


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()

"""What can be seen in the input before anything is trained: copies, and classes that look like one."""

import argparse
from pathlib import Path

from labelnoise import files, results, stage
from labelnoise.data import npz
from labelnoise.inspection import study


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--features", type=Path, required=True, help="npz file of the features stage")
    parser.add_argument("--out", type=Path, required=True, help="npz file to write")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    found = study.inspect(npz.read(args.data), files.load_arrays(args.features))
    for name, table in found.tables.items():
        results.write(name, table, args.tables)
    files.save_arrays(args.out, found.arrays)


if __name__ == "__main__":
    with stage.running():
        main()

"""Compare every method with the truth: accuracy, intervals, curves, calibration, bootstrap uncertainty."""

import argparse
from pathlib import Path

from labelnoise import evaluate, files, params, results, stage, study


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--noise", type=Path, required=True, help="npz file of the noise stage")
    parser.add_argument("--given", type=Path, required=True, help="npz file of the estimate stage")
    parser.add_argument("--runs", type=Path, required=True, help="folder of the train stage's npz files")
    parser.add_argument("--bags", type=Path, required=True, help="npz file of the uncertainty stage")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables to write")
    args = parser.parse_args()
    p = params.load()
    loaded = study.load(p, args.dataset, args.data, args.noise)
    # by the list in params.yaml: a removed method leaves its file behind
    names = [name for name in p.methods if study.tellable(loaded, name)]
    methods = {name: files.load_arrays(args.runs / f"{name}.npz") for name in names}
    rows = study.grid(loaded, p.study.seeds)
    given = files.load_arrays(args.given)
    at = study.positions(given, rows)
    given = {name: values[at] for name, values in given.items()}
    found = evaluate.Results(methods, given, files.load_arrays(args.bags))
    loaded = loaded._replace(rows=rows)
    for name, table in evaluate.all_tables(loaded, found, p.evaluate).items():
        results.write(name, table, args.tables)


if __name__ == "__main__":
    with stage.running():
        main()

"""What networks can fit, when, and what it costs: the studies of Zhang et al. 2017 and of Arpit et al. 2017."""

import argparse
from pathlib import Path

from labelnoise import params, results, stage
from labelnoise.data import npz
from labelnoise.memorization import programs, tables
from labelnoise.methods import METHODS
from labelnoise.train import engine
from labelnoise.train.program import Place


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables to write")
    args = parser.parse_args()
    p = params.load(methods=METHODS)
    dataset = npz.read(args.data)
    if (dataset.clean_labels < 0).any() or dataset.images.dtype != "uint8":
        print(f"{args.dataset}: left out, since it needs images of which every true label is known")
        for name in tables.NAMES:
            results.write(name, results.empty(name), args.tables)
        return
    device = engine.device(p.run.device)
    place, processes = Place(Path(p.run.store), p.run.checkpoint_seconds), engine.workers(p.run.workers, device)
    section = p.datasets[args.dataset]
    made = programs.setup(dataset, section, p.networks, p.memorization, device)
    fitting, first = programs.fitting(made), programs.first_epochs(made)
    fitted = programs.train(fitting, made, place, processes, "memorization")
    started = programs.train(first, made, place, processes, "first epoch")
    for name, table in tables.everything(made, (fitting, fitted), (first, started)).items():
        results.write(name, table, args.tables)


if __name__ == "__main__":
    with stage.running():
        main()

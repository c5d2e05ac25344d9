"""How hard an example pulls at the network through each noise layer, without any training."""

import argparse
from pathlib import Path

from labelnoise import params, results, stage
from labelnoise.claims import gradients
from labelnoise.data import npz


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="npz file of the download stage: how many classes"
    )
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load()
    if "nnaqc" not in p.methods:
        raise ValueError("params.yaml: methods.nnaqc: missing; the gradients stage takes epsilon from it")
    classes = len(npz.read(args.data).class_names)
    results.write("gradients", gradients.study(classes, p.methods["nnaqc"]["epsilon"]), args.tables)


if __name__ == "__main__":
    with stage.running():
        main()

"""What people get who recheck: the list, its page, tasks for Label Studio, and what their answers say so far."""

import argparse
from pathlib import Path

from labelnoise import columns, files, params, results, stage
from labelnoise.data import npz
from labelnoise.list_page import about, outputs
from labelnoise.recheck import cell, detected


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--noise", type=Path, required=True, help="npz file of the noise stage")
    parser.add_argument("--detect", type=Path, required=True, help="npz file of the detect stage")
    parser.add_argument("--out-folder", type=Path, required=True, help="folder of the list and its page")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load()
    section, found = p.datasets[args.dataset], detected.load(args.detect)
    source = cell.source(section.noises, p.recheck.cell)
    made = outputs.Made(found, columns.load(args.noise), npz.read(args.data), source)
    whose = about.data(args.dataset, section.data, source)
    left_out = results.read("left_out", args.tables)
    for name, text in outputs.texts(made, whose, left_out, p.recheck, p.detect.gate).items():
        files.write_text(args.out_folder / name, text)
    for name, table in outputs.tables_of(made, p.recheck.gallery, p.evaluate.level).items():
        results.write(name, table, args.tables)
    print(f"{args.dataset}: {outputs.said(made)}")


if __name__ == "__main__":
    with stage.running():
        main()

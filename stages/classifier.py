"""A classifier of new images, trained on what the noise model believes; its predictions of all images."""

import argparse
from pathlib import Path

import joblib

from labelnoise import columns, device, files, params, results, stage
from labelnoise.audit import frame, heard, predicted, state
from labelnoise.classifier import store, study
from labelnoise.data import npz
from labelnoise.features.types import Machine
from labelnoise.recheck import cell, detected


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--seen", type=Path, required=True, help="record of the download stage")
    parser.add_argument("--noise", type=Path, required=True, help="npz file of the noise stage")
    parser.add_argument("--features", type=Path, required=True, help="npz file of the features stage")
    parser.add_argument("--groups", type=Path, required=True, help="npz file of the inspect stage")
    parser.add_argument("--detect", type=Path, required=True, help="npz file of the detect stage")
    parser.add_argument("--frame", type=Path, required=True, help="frame of the audit")
    parser.add_argument("--out", type=Path, required=True, help="npz file to write")
    parser.add_argument("--predictions", type=Path, required=True, help="CSV to write")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load()
    section = p.datasets[args.dataset]
    of = study.Inputs(
        args.dataset,
        section,
        npz.read(args.data),
        columns.load(args.noise),
        detected.load(args.detect),
        files.load_arrays(args.features),
        files.load_arrays(args.groups)["group"],
        cell.source(section.noises, p.recheck.cell),
    )
    workers = joblib.cpu_count() if p.run.workers == "auto" else p.run.workers
    machine = Machine(device.chosen(p.run.device), workers, Path(p.download.cache).expanduser())
    made = study.made(of, p.detect.floor, p.evaluate.calibration_bins, machine)
    files.write_text(args.predictions, made.predictions)
    results.write("classifier", made.table, args.tables)
    said = heard.read(p.recheck.answers.get(args.dataset), of.dataset, args.seen)
    audit = state.standing(frame.read(args.frame), of.dataset, said, p.recheck.audit, p.evaluate.level)
    model, table = study.checked(made, predicted.accuracy(audit, made.predicted, said.label))
    results.write("model_check", table, args.tables)
    store.save(args.out, model)


if __name__ == "__main__":
    with stage.running():
        main()

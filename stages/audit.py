"""The audit: labels drawn at random that people look at among the suspects, and what their answers say."""

import argparse
from pathlib import Path

from labelnoise import columns, files, params, results, stage
from labelnoise.audit import frame, heard, state, statements
from labelnoise.data import npz
from labelnoise.recheck import cell, detected


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--seen", type=Path, required=True, help="record of the download stage")
    parser.add_argument("--noise", type=Path, required=True, help="npz file of the noise stage")
    parser.add_argument("--detect", type=Path, required=True, help="npz file of the detect stage")
    parser.add_argument("--frame", type=Path, required=True, help="frame of the audit: kept once it is begun")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load()
    dataset, section, found = npz.read(args.data), p.recheck.audit, detected.load(args.detect)
    drawn, source = columns.load(args.noise), cell.source(p.datasets[args.dataset].noises, p.recheck.cell)
    at = detected.run_before(found, source)
    before = detected.judge(found, at, dataset, drawn, source)
    said = heard.read(p.recheck.answers.get(args.dataset), dataset, args.seen)
    chosen = state.chosen(frame.read(args.frame), before, found.p_wrong[at], dataset, said, section)
    audit = state.standing(chosen, dataset, said, section, p.evaluate.level, found.p_wrong[at])
    files.write_text(args.frame, frame.text(chosen))
    table = statements.table(detected.key(found, drawn, at), chosen, audit.code, audit.look, audit.level)
    results.write("audit", table, args.tables)


if __name__ == "__main__":
    with stage.running():
        main()

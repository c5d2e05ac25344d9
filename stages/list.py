"""What people get who recheck: the list, its page, tasks for Label Studio, and what their answers say so far."""

import argparse
from pathlib import Path

from labelnoise import columns, files, params, results, stage
from labelnoise.audit import frame, heard, state
from labelnoise.data import npz
from labelnoise.list_page import about, outputs
from labelnoise.list_page.render import Beside
from labelnoise.recheck import cell, corrected, detected


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--seen", type=Path, required=True, help="record of the download stage")
    parser.add_argument("--noise", type=Path, required=True, help="npz file of the noise stage")
    parser.add_argument("--detect", type=Path, required=True, help="npz file of the detect stage")
    parser.add_argument("--frame", type=Path, required=True, help="frame of the audit")
    parser.add_argument("--out-folder", type=Path, required=True, help="folder of the list and its page")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load()
    section, found = p.datasets[args.dataset], detected.load(args.detect)
    dataset, source = npz.read(args.data), cell.source(section.noises, p.recheck.cell)
    said = heard.read(p.recheck.answers.get(args.dataset), dataset, args.seen)
    before = found.p_wrong[detected.run_before(found, source)]
    audit = state.standing(frame.read(args.frame), dataset, said, p.recheck.audit, p.evaluate.level, before)
    made = outputs.Made(found, columns.load(args.noise), dataset, source, audit)
    whose = about.data(args.dataset, section.data, source)
    beside = Beside(*(results.read(name, args.tables) for name in Beside._fields))
    texts = outputs.texts(made, whose, beside, p.recheck, p.detect, p.evaluate.level)
    texts |= corrected.texts(
        dataset, outputs.judged(made, p.detect).given, said.label, said.said, moved(p, args.dataset)
    )
    (args.out_folder / corrected.SCRIPT).unlink(missing_ok=True)  # it is there only when it is asked for
    for name, text in texts.items():
        files.write_text(args.out_folder / name, text)
    results.write("gallery", outputs.gallery(made, p.recheck.gallery, p.detect), args.tables)
    print(f"{args.dataset}: {texts['verdict.txt'].strip()}")


def moved(p: params.Params, name: str) -> Path | None:
    """The folder whose files a script shall move to their right classes; None where that was not asked for."""
    folder = p.datasets[name].data.folder
    asked = p.recheck.move_files and folder is not None and folder.csv is None
    return Path(folder.root).expanduser() if asked else None


if __name__ == "__main__":
    with stage.running():
        main()

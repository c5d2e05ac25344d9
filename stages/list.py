"""What people get who recheck: what the audit says so far, a classifier of new images, the list and its page."""

import checkout  # first: the code of this checkout, whatever is installed

from labelnoise import artifacts, features, files, params, results, stage
from labelnoise.artifacts import Artifacts
from labelnoise.audit import frame, heard, predicted, state, statements
from labelnoise.classifier import store, study
from labelnoise.data import npz
from labelnoise.list_page import about, outputs
from labelnoise.list_page.render import Beside
from labelnoise.noise import noisy_labels
from labelnoise.recheck import cell, corrected, detected


def main() -> None:
    name, p = artifacts.asked(__doc__), params.load()
    at, own = artifacts.of(name), p.datasets[name]
    dataset, drawn = npz.read(at.images), noisy_labels.load(at.noise)
    source = cell.source(own.noises, p.recheck.cell)
    encoded, group = files.load_arrays(at.features), files.load_arrays(at.groups)["group"]
    of = study.Inputs(name, own, dataset, drawn, detected.load(at.detect), encoded, group, source)
    said = heard.read(p.recheck.answers.get(name), dataset, at.seen)
    audit = audited(p, at, of, said)
    classified(p, at, of, said, audit)
    listed(p, at, of, said, audit)


def audited(p: params.Params, at: Artifacts, of: study.Inputs, said: heard.Heard) -> state.Audit:
    """The audit as it stands. Its frame is kept once it is drawn, and is read as it is kept."""
    run, section = detected.run_before(of.detected, of.source), p.recheck.audit
    shown = detected.as_shown(of.detected, run, of.dataset, of.columns, of.source)
    p_wrong = of.detected.p_wrong[run]
    kept = frame.kept(at.audit_frames)
    chosen = state.chosen(list(kept.values()), shown, p_wrong, of.dataset, said, section)
    if not any(chosen is one for one in kept.values()):
        path = frame.place(at.audit_frames, kept, section.round, replace="given" not in of.dataset.human_labels)
        files.write_text(path, frame.text(chosen))
        chosen = frame.read(path)
    audit = state.standing(chosen, of.dataset, said, section, p.evaluate.level, p_wrong)
    key = detected.key(of.detected, of.columns, run)
    results.write("audit", statements.table(key, audit.frame, audit.code, audit.look, audit.level), at.tables)
    return audit


def classified(p: params.Params, at: Artifacts, of: study.Inputs, said: heard.Heard, audit: state.Audit) -> None:
    """The classifier, its predictions of all images, and how often they are right by the audit."""
    machine = features.machine(p.run, p.download.cache)
    made = study.outputs(of, p.detect.floor, p.evaluate.calibration_bins, machine)
    model, check = study.checked(made, predicted.accuracy(audit, made.predicted, said.label))
    files.write_text(at.predictions, made.predictions)
    results.write("classifier", made.table, at.tables)
    results.write("model_check", check, at.tables)
    store.save(at.model, model)


def listed(p: params.Params, at: Artifacts, of: study.Inputs, said: heard.Heard, audit: state.Audit) -> None:
    """The list, its page, tasks for Label Studio, and the labels with the answers in their place."""
    inputs, whose = outputs.Inputs(of.detected, of.columns, of.dataset, of.source, audit), of.section.data
    beside = Beside(*(results.read(table, at.tables) for table in Beside._fields))
    page = about.data(of.name, whose, of.source)
    texts = outputs.texts(inputs, page, beside, p.recheck, p.detect, p.evaluate.level)
    seen = (of.features, said.label, at.reports)
    texts["review.html"] = outputs.review(inputs, page, p.recheck, p.detect, *seen)
    given, folder = outputs.listed(inputs, p.detect).given, corrected.folder_to_sort(whose, p.recheck.move_files)
    texts |= corrected.texts(of.dataset, given, said.label, said.votes, folder)
    (at.reports / corrected.SCRIPT).unlink(missing_ok=True)  # it is there only when it is asked for
    for file, text in texts.items():
        files.write_text(at.reports / file, text)
    results.write("gallery", outputs.gallery(inputs, p.recheck.gallery, p.detect), at.tables)
    print(f"{of.name}: {texts['verdict.txt'].strip()}")


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()

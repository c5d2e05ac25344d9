"""`labelnoise predict`: the classes of new images, by a model that the stage `list` trained."""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import joblib

from labelnoise import files
from labelnoise.audit.predicted import FEWEST
from labelnoise.classifier import check, encoders, new_images, predictions, store
from labelnoise.classifier.model import Model
from labelnoise.commands import words
from labelnoise.data.words import counted, some
from labelnoise.detect.types import NOTHING, ORDER
from labelnoise.features.types import Machine


def run(args: SimpleNamespace) -> None:
    words.check_out(args)
    model = _model(args.model, args.encoder_file)
    found = new_images.below(args.folder)
    machine = Machine(words.chosen_device(args.device), joblib.cpu_count(), args.cache)
    with redirect_stdout(sys.stderr):
        made = new_images.predict(model, args.folder, found.images, machine, words.tell)
    files.write_text(args.out, predictions.text(made.q, model.class_names, made.files))
    if found.others:
        said = counted(len(found.others), "file is no image and is", "files are no images and are")
        words.tell(f"{said} left out: {some(found.others)}")
    if made.unreadable:
        words.tell(words.unreadable(made.unreadable))
    print(words.written(args.out, len(made.files), "image", "images"))
    print(trust(model.about))


def _model(path: Path, encoder_file: Path | None) -> Model:
    """ValueError where it cannot predict files."""
    model = store.load(path)
    if not model.parts or not model.reading.size:
        raise ValueError(f"{path}: was not trained on square images, in colour or grey; allowed: a model that was")
    return model._replace(encodings=encoders.with_file(model.encodings, encoder_file))


def trust(about: dict) -> str:
    """What the model was trained on, and what is known of how good it is."""
    told = [f"the model learned from {counted(about['labelled'], 'label', 'labels')} of {about['dataset']}"]
    told += [_audited(about["audit"]) if about["audit"] else _checked(about["checks"])]
    if about["gate"] == NOTHING:
        told += ["the features do not see its classes: trust nothing that it says"]
    if about["gate"] == ORDER:
        told += ["how many of its labels are wrong could not be told: its confidence may be off"]
    return "; ".join(told)


def _audited(by: dict) -> str:
    limits = f"{by['low']:.1%} to {by['high']:.1%} of its predictions are right (95% limits)"
    return f"checked by {by['answered']:,} answers to labels drawn at random: {limits}"


def _checked(checks: list[dict]) -> str:
    by_part = {one["part"]: one for one in checks}
    one = by_part.get(check.TEST) or by_part.get(check.LABELLED)
    if one is None:
        return f"not checked: that takes the truth, or {FEWEST} answers of an audit"
    images = counted(one["examples"], "image", "images")
    new = one["part"] == check.TEST
    which = f"{images} that it had not seen" if new else f"{images} of its own, each unseen in its turn"
    off = f"its confidence is off by {100 * one['ece']:.1f} points (ECE)"
    return f"checked on {which}: {one['accuracy']:.1%} right, {off}"

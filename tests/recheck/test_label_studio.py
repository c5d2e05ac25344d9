"""Tasks for Label Studio: what its import needs, names that need quoting, images that can be seen."""

import base64
import io
import json
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import numpy as np
import synthetic_recheck as tiny
from PIL import Image

from labelnoise.noise.noisy_labels import LEFT_OUT, UNSURE
from labelnoise.recheck import answers, detected, label_studio, lists

ROW = {"index": 5, "given": "a"}


def task(data, row=ROW):
    (found,) = json.loads(label_studio.tasks(data, [row], "pets"))
    return found


def test_a_task_holds_nothing_of_what_the_list_believes():
    """Whoever looks gives suspects and labels of the audit the same care."""
    data = tiny.dataset(files=True)
    drawn = tiny.columns(data)
    found = tiny.detected(drawn)
    shown = detected.as_shown(found, detected.listed_run(found, tiny.PEOPLE), data, drawn, tiny.PEOPLE)
    rows = [lists.asked(data, shown, at) for at in lists.ranked(shown).tolist()]
    tasks = json.loads(label_studio.tasks(data, rows, "pets"))
    assert len(tasks) == tiny.N and all(set(task) == {"data"} for task in tasks)
    assert all(set(task["data"]) == {"image", "index", "file", "given", "told"} for task in tasks)
    for task in tasks:
        told = task["data"]
        assert told["given"] == tiny.NAMES[tiny.WORSE[told["index"]]] and told["told"] == f"given: {told['given']}"


def test_the_interface_fits_the_tasks():
    root = ElementTree.fromstring(label_studio.interface(tiny.NAMES))
    header, image, choices = root.find("Header"), root.find("Image"), root.find("Choices")
    others = ["cannot tell", "leave out"]
    assert [choice.get("value") for choice in choices] == [*tiny.NAMES, *others]
    assert [answers.WORDS[word] for word in others] == [UNSURE, LEFT_OUT]  # as they come back
    assert choices.get("name") == "label" and choices.get("toName") == image.get("name")
    assert {header.get("value"), image.get("value")} == {"$told", "$image"} <= {f"${key}" for key in task_keys()}


def task_keys():
    return task(tiny.dataset())["data"]


def test_files_are_addressed_below_the_local_folder():
    data = tiny.dataset(files=True)
    found = task(data, ROW | {"file": data.files[5]})["data"]
    assert found["image"].startswith("/data/local-files/?d=") and found["image"].isascii()
    assert parse_qs(urlsplit(found["image"]).query)["d"] == [f"pets/{data.files[5]}"]
    assert found["file"] == data.files[5]


def test_images_without_files_travel_along_and_are_bright():
    """4x4 pixels with values of 0..16 become 160x160 with 0..255."""
    head, encoded = task(tiny.dataset())["data"]["image"].split(",")
    assert head == "data:image/png;base64"
    seen = np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))))
    assert seen.shape == (160, 160)
    np.testing.assert_array_equal(seen[20::40, 20::40], np.rint(tiny.IMAGES[5, 0] / 16 * 255))


def test_colors_stay():
    pixels = np.random.default_rng(0).integers(0, 256, (3, 32, 32)).astype(np.uint8)
    encoded = label_studio.data_uri(pixels, 255).split(",")[1]
    seen = np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))))
    np.testing.assert_array_equal(seen[::5, ::5].transpose(2, 0, 1), pixels)


def test_features_cannot_be_looked_at():
    features = tiny.dataset()._replace(images=np.zeros((tiny.N, 1, 1, 7), np.float32))
    assert json.loads(label_studio.tasks(features, [ROW], None)) == []


def test_features_with_files_can_be_looked_at():
    named = tiny.dataset(files=True)._replace(images=np.zeros((tiny.N, 1, 1, 7), np.float32))
    found = task(named, ROW | {"file": named.files[5]})["data"]
    assert parse_qs(urlsplit(found["image"]).query)["d"] == [f"pets/{named.files[5]}"]
    assert json.loads(label_studio.tasks(named, [ROW | {"file": named.files[5]}], None)) == []  # not at hand


def test_stored_images_travel_where_their_files_are_not_at_hand():
    data = tiny.dataset(files=True)
    (found,) = json.loads(label_studio.tasks(data, [ROW | {"file": data.files[5]}], None))
    assert found["data"]["image"].startswith("data:image/png;base64,")

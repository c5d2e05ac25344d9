"""Tasks for Label Studio: what its import needs, names that need quoting, images that can be seen."""

import base64
import io
import json
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import numpy as np
import pytest
import synthetic_recheck as tiny
from PIL import Image

from labelnoise.noise.noisy_labels import LEFT_OUT, UNSURE
from labelnoise.recheck import answers, detected, label_studio, lists

ROW = {"index": 5, "given": "a"}


def task(data, row=ROW, believed=""):
    (found,) = json.loads(label_studio.tasks(data, [row], [believed], "pets"))
    return found


@pytest.mark.parametrize("verdict", tiny.GATES)
def test_what_a_task_tells_beside_its_label(verdict):
    data = tiny.dataset(files=True)
    drawn = tiny.columns(data)
    found = tiny.detected(drawn, gate=tiny.GATES[verdict])
    shown = detected.as_shown(found, detected.listed_run(found, tiny.PEOPLE), data, drawn, tiny.PEOPLE)
    rows = [lists.asked(data, shown, at) for at in range(tiny.N)]
    believed = [lists.believed(shown, at) if at % 2 else "" for at in range(tiny.N)]
    tasks = json.loads(label_studio.tasks(data, rows, believed, "pets"))
    assert len(tasks) == tiny.N and all(set(task) == {"data"} for task in tasks)
    assert all(set(task["data"]) == {"image", "index", "file", "given", "told"} for task in tasks)
    for task in tasks:
        told = task["data"]
        at, given = told["index"], tiny.NAMES[tiny.WORSE[told["index"]]]
        p = {"all": found.p_wrong, "cautious": found.p_low}.get(verdict)
        tier = ("", " · possible", " · obvious")[found.tier[0, at]] + " · sure" * bool(found.sure[0, at])
        more = "" if p is None or at % 2 == 0 else f" · P(wrong) {lists.percent(p[0, at])}{tier}"
        assert told["given"] == given and told["told"] == f"given: {given}{more}"
    assert lists.percent(0.9993) == ">99.9%" and lists.percent(0.1234) == "12.3%"


def test_the_interface_fits_the_tasks():
    root = ElementTree.fromstring(label_studio.interface(tiny.NAMES))
    header, image, choices = root.find("Header"), root.find("Image"), root.find("Choices")
    others = ["cannot tell", "leave out"]
    assert [choice.get("value") for choice in choices] == [*tiny.NAMES, *others]
    assert [answers.WORDS[word] for word in others] == [UNSURE, LEFT_OUT]  # as they come back
    assert [choice.get("hotkey") for choice in choices] == ["0", "1", "2", "s", "x"]
    assert choices.get("name") == "label" and choices.get("toName") == image.get("name")
    assert {header.get("value"), image.get("value")} == {"$told", "$image"} <= {f"${key}" for key in task_keys()}


def test_keys_of_classes():
    assert label_studio.hotkeys(["3", "1"]) == ["3", "1"] and label_studio.hotkeys(["3", "a"]) == ["0", "1"]
    assert label_studio.hotkeys([str(k) for k in range(10)]) == list("0123456789")
    names = [f"class {k}" for k in range(11)]
    assert not any(label_studio.hotkeys(names))
    assert "hotkey" not in label_studio.interface(names).split("cannot")[0]


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
    assert json.loads(label_studio.tasks(features, [ROW], [""], None)) == []


def test_features_with_files_can_be_looked_at():
    named = tiny.dataset(files=True)._replace(images=np.zeros((tiny.N, 1, 1, 7), np.float32))
    found = task(named, ROW | {"file": named.files[5]})["data"]
    assert parse_qs(urlsplit(found["image"]).query)["d"] == [f"pets/{named.files[5]}"]
    assert json.loads(label_studio.tasks(named, [ROW | {"file": named.files[5]}], [""], None)) == []  # not at hand


def test_stored_images_travel_where_their_files_are_not_at_hand():
    data = tiny.dataset(files=True)
    (found,) = json.loads(label_studio.tasks(data, [ROW | {"file": data.files[5]}], [""], None))
    assert found["data"]["image"].startswith("data:image/png;base64,")

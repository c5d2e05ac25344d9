"""Tasks for Label Studio: what its import needs, names that need quoting, images that can be seen."""

import base64
import io
import json
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import numpy as np
import synthetic_recheck as tiny
from PIL import Image

from labelnoise.recheck import label_studio

ROW = {"rank": 1, "index": 5, "given": "a", "p_wrong": 0.9, "tier": "obvious", "suggestion": tiny.NAMES[1]}
ROW |= {"suggestion_confidence": 0.8}
BARE = ROW | dict.fromkeys(["p_wrong", "tier", "suggestion", "suggestion_confidence"])


def task(data, row=ROW):
    (found,) = json.loads(label_studio.tasks(data, [row], "pets"))
    return found


def test_a_task_holds_what_the_list_says():
    found = task(tiny.dataset())
    assert {k: v for k, v in found["data"].items() if k != "image"} == {
        "index": 5,
        "given": "a",
        "p_wrong": 0.9,
        "tier": "obvious",
        "told": "given: a · P(wrong) 90.0% · obvious",
    }
    (prediction,) = found["predictions"]
    assert prediction["score"] == 0.8 and prediction["model_version"]


def test_predictions_fit_the_interface():
    root = ElementTree.fromstring(label_studio.interface(tiny.NAMES))
    image, choices = root.find("Image"), root.find("Choices")
    assert [choice.get("value") for choice in choices] == tiny.NAMES
    found = task(tiny.dataset())
    (result,) = found["predictions"][0]["result"]
    assert (
        (result["from_name"], result["to_name"]) == (choices.get("name"), image.get("name")) == ("label", "image")
    )
    assert choices.get("toName") == image.get("name") and image.get("value") == "$image"
    assert result["type"] == "choices" and result["value"]["choices"] == [tiny.NAMES[1]]


def test_labellers_see_what_the_list_says():
    header = ElementTree.fromstring(label_studio.interface(tiny.NAMES)).find("Header")
    assert header.get("value") == "$told" and "told" in task(tiny.dataset())["data"]


def test_without_a_suggestion_there_is_no_prediction():
    found = task(tiny.dataset(), BARE)
    assert "predictions" not in found and found["data"]["told"] == "given: a"
    assert not {"p_wrong", "tier"} & set(found["data"])
    of_order = task(tiny.dataset(), BARE | {"suggestion": tiny.NAMES[1]})
    assert "score" not in of_order["predictions"][0]


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


def test_colours_stay():
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

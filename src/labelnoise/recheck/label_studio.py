"""The list as a project of Label Studio: tasks with the suggested class filled in, and the labelling interface.

Import `label_studio.json` into a project whose labelling interface is `label_studio.xml`. Images of own data are
looked up below Label Studio's document root, which must be the folder that *holds* theirs, since it connects
subfolders of it alone (tried with 1.23): start it with LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true and
LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT set to that, and connect the folder of the images to the project as local
storage, without syncing it. Other images travel in the tasks.

Its CSV export has a column for each entry of a task's `data` (index, file, given, ...) and one for each control of
the interface, here `label`, which holds the class as plain text where one is chosen. That is what answers.py
reads; skipped tasks are not exported.
"""

import base64
import io
import json
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

import numpy as np
from PIL import Image

from labelnoise.types import Dataset

MODEL = "labelnoise"  # who predicts, as Label Studio shows it
SHORTER_SIDE = 160  # pixels to which small images are enlarged, since digits of 8 pixels cannot be read


def interface(class_names: list[str]) -> str:
    """The labelling interface: the image and one choice among the classes."""
    choices = "\n".join(f"    <Choice value={quoteattr(name)}/>" for name in class_names)
    control = '<Choices name="label" toName="image" choice="single" required="true">'
    image = '<Image name="image" value="$image"/>'
    return f"<View>\n  {image}\n  {control}\n{choices}\n  </Choices>\n</View>\n"


def tasks(dataset: Dataset, rows: list[dict], root: str) -> str:
    """JSON of the tasks of `rows` (lists.to_recheck); none where examples are features, which nobody can look
    at. root: name of the folder below which the files are, where examples have files."""
    shown = rows if _are_images(dataset) else []
    brightest = 255 if dataset.files else max(int(dataset.images.max()), 1)
    made = [_task(dataset, row, root, brightest) for row in shown]
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _are_images(dataset: Dataset) -> bool:
    return dataset.images.dtype == np.uint8


def _task(dataset: Dataset, row: dict, root: str, brightest: int) -> dict:
    embedded = not dataset.files
    image = data_uri(dataset.images[row["index"]], brightest) if embedded else local_file(f"{root}/{row['file']}")
    told = {name: row[name] for name in ("index", "file", "given", "p_wrong", "tier") if name in row}
    choice = {
        "from_name": "label",
        "to_name": "image",
        "type": "choices",
        "value": {"choices": [row["suggestion"]]},
    }
    prediction = {"model_version": MODEL, "score": row["suggestion_confidence"], "result": [choice]}
    return {"data": {"image": image, **told}, "predictions": [prediction]}


def local_file(name: str) -> str:
    """Address under which Label Studio serves the file `name` below its document root."""
    return "/data/local-files/?d=" + quote(name)


def data_uri(pixels: np.ndarray, brightest: int) -> str:
    """uint8 [channels, height, width] with values up to `brightest` as a PNG within a text."""
    bright = np.rint(pixels * (255 / brightest)).astype(np.uint8)
    times = -(-SHORTER_SIDE // min(bright.shape[1:]))
    large = bright.repeat(times, 1).repeat(times, 2)
    stream = io.BytesIO()
    Image.fromarray(large.transpose(1, 2, 0) if len(large) == 3 else large[0]).save(stream, "png")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()

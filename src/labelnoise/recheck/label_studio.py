"""What to look at next as a project of Label Studio: tasks, and the labelling interface.

A task has the image and its given label. What the list believes of it, P(wrong) and tier, stands beside the label
unless it is to be untold (audit/worklist.py): suspects and labels of the audit are mixed, and get the same care.

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
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

import numpy as np
from PIL import Image

from labelnoise.types import Dataset

OTHERS = {"cannot tell": "s", "leave out": "x"}  # as answers.WORDS has them -> key
DIGITS = "0123456789"
SHORTER_SIDE = 160  # pixels to which small images are enlarged, since digits of 8 pixels cannot be read


def interface(class_names: list[str]) -> str:
    """The labelling interface: the image, its given label, and one choice among the classes and OTHERS."""
    keys = [*hotkeys(class_names), *OTHERS.values()]
    choices = "\n".join(
        f"    <Choice value={quoteattr(name)}{f' hotkey={quoteattr(key)}' if key else ''}/>"
        for name, key in zip([*class_names, *OTHERS], keys, strict=True)
    )
    control = '<Choices name="label" toName="image" choice="single" required="true">'
    image = '<Image name="image" value="$image"/>'
    told = '<Header name="told" value="$told"/>'
    return f"<View>\n  {told}\n  {image}\n  {control}\n{choices}\n  </Choices>\n</View>\n"


def hotkeys(class_names: list[str]) -> list[str]:
    """The key of each class: its own name where all names are digits, else its place; none from 11 classes on."""
    if len(class_names) > len(DIGITS):
        return [""] * len(class_names)
    named = all(len(name) == 1 and name in DIGITS for name in class_names)
    return list(class_names) if named else list(DIGITS[: len(class_names)])


def tasks(dataset: Dataset, rows: list[dict], believed: list[str], root: str | None) -> str:
    """JSON of the tasks of `rows` (lists.asked). believed: what is told of each beside its label, or "".

    root: name of the folder below which the files are; None where they are not at hand: then the stored images
    travel in the tasks, and features have none.
    """
    told = zip(rows, believed, strict=True)
    made = [_task(dataset, row, of, root) for row, of in told] if seen(dataset, root) else []
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def seen(dataset: Dataset, root: str | Path | None) -> bool:
    """Whether there is anything to look at."""
    return (root is not None and bool(dataset.files)) or dataset.images.dtype == np.uint8


def _task(dataset: Dataset, row: dict, believed: str, root: str | None) -> dict:
    if root is not None and dataset.files:
        image = "/data/local-files/?d=" + quote(f"{root}/{row['file']}")  # as Label Studio serves it
    else:
        brightest = 255 if dataset.files else max(int(dataset.images.max()), 1)
        image = data_uri(dataset.images[row["index"]], brightest)
    told = " · ".join(filter(None, (f"given: {row['given']}", believed)))
    return {"data": {"image": image, **row, "told": told}}


def data_uri(pixels: np.ndarray, brightest: int) -> str:
    """uint8 [channels, height, width] with values up to `brightest` as a PNG within a text."""
    bright = np.rint(pixels * (255 / brightest)).astype(np.uint8)
    times = -(-SHORTER_SIDE // min(bright.shape[1:]))
    large = bright.repeat(times, 1).repeat(times, 2)
    stream = io.BytesIO()
    Image.fromarray(large.transpose(1, 2, 0) if len(large) == 3 else large[0]).save(stream, "png")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()

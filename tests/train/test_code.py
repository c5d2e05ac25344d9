"""What a key sees of code: statements that are used, and nothing of form."""

import sys
from pathlib import Path

import pytest
import tiny
import tiny_study

from labelnoise.train import code
from labelnoise.train.code import KERNELS, ROOT, SHARED
from labelnoise.train.program import Place, execute


def hashed(*paths):
    """Of files that use no shared module."""
    return code.code_key(paths, [])


SOURCE = """import math
from pathlib import Path, PurePath

STEP = 0.5

class Method:
    \'\'\'A method.\'\'\'

    rate: float = 1.0

    def loss(self, x):
        \'\'\'The loss.\'\'\'
        return STEP * math.log(x)
"""


def of_source(tmp_path, source):
    path = tmp_path / "method.py"
    path.write_text(source)
    return hashed(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("STEP = 0.5", "# a remark\nSTEP = 5e-1  # here too"),
        ("A method.", "The method."),
        ("    '''A method.'''\n", ""),
        ("        '''The loss.'''\n", ""),
        ("return STEP * math.log(x)", "return (\n            STEP\n            * math.log(x)\n        )"),
        ("1.0\n", "1.0\n    'of what'\n"),
        ("import math\nfrom pathlib import Path, PurePath", "from pathlib import PurePath, Path\nimport math"),
    ],
)
def test_a_key_does_not_see_comments_docstrings_and_form(old, new, tmp_path):
    assert old in SOURCE
    assert of_source(tmp_path, SOURCE.replace(old, new)) == of_source(tmp_path, SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("STEP = 0.5", "STEP = 0.25"),
        ("rate: float = 1.0", "rate: float = 1"),
        ("rate", "speed"),
        ("math.log(x)", "math.log(x + 0)"),
        ("STEP * math.log(x)", "'The loss.'"),
        ("    def loss", "    @property\n    def loss"),
        ("import Path", "import PosixPath as Path"),
    ],
)
def test_a_key_sees_everything_else(old, new, tmp_path):
    assert old in SOURCE
    assert of_source(tmp_path, SOURCE.replace(old, new)) != of_source(tmp_path, SOURCE)


def test_a_key_knows_a_module_by_its_package(tmp_path):
    """Wherever the package lies, so that two clones share their entries."""
    found = []
    for place in ("here/labels/a/one.py", "there/labels/a/one.py", "here/labels/b/one.py", "here/labels/a/two.py"):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        for folder in (path.parent, path.parent.parent):
            (folder / "__init__.py").touch()
        path.write_text("a = 1")
        found.append(hashed(path))
    assert found[0] == found[1] and len(set(found)) == 3


def test_a_key_sees_every_file_and_no_order_of_them(tmp_path):
    paths = [tmp_path / "a" / "one.py", tmp_path / "b" / "one.py"]  # no packages: both are called one
    for at, path in enumerate(paths):
        path.parent.mkdir()
        path.write_text(f"a = {at}")
    assert hashed(*paths) == hashed(*paths[::-1])
    assert len({hashed(*some) for some in (paths, paths[:1], paths[1:])}) == 3


LOSSES = """
import math
FLOOR = 1e-9
OTHER = 2
first, second = 1, 2
def log(x): return math.log(max(x, FLOOR))
def entropy(x): return -x * log(x)
def unused(x): return OTHER
async def also(x): return second
"""


def key(tmp_path, method, losses=LOSSES, base="", shared=("losses", "base")):
    """Of a package with a method, which is hashed whole, and modules, of which what is used counts."""
    folder = tmp_path / "pkg"
    folder.mkdir(exist_ok=True)
    for name, source in {"__init__": "", "method": method, "losses": losses, "base": base}.items():
        (folder / f"{name}.py").write_text(source)
    return code.code_key([folder / "method.py"], [folder / f"{name}.py" for name in shared])


USES = "from pkg import losses\ndef f(x): return losses.entropy(x)"
FORMS = [
    USES,
    "from pkg.losses import entropy",
    "from pkg.losses import entropy as e",
    "import pkg.losses as losses\ndef f(x): return losses.entropy(x)",
    "from pkg import losses as l\nclass A:\n    def f(self, x): return l.entropy(x)",
    "def f(x):\n    from pkg.losses import entropy\n    return entropy(x)",
]


@pytest.mark.parametrize("method", FORMS)
@pytest.mark.parametrize(
    "change",
    [("FLOOR = 1e-9", "FLOOR = 0"), ("max(x", "min(x"), ("-x *", "x *"), ("import math", "import torch as math")],
)
def test_a_key_sees_what_is_used_of_a_shared_module_through_others_too(method, change, tmp_path):
    assert key(tmp_path, method, LOSSES.replace(*change)) != key(tmp_path, method)


@pytest.mark.parametrize("method", [form for form in FORMS if "import pkg" not in form])
@pytest.mark.parametrize(
    "change",
    [
        ("OTHER = 2", "OTHER = 3"),
        ("def unused(x): return OTHER\n", ""),
        ("second = 1, 2", "second = 1, 3"),
        ("import math", "import math, json"),
        ("def log", "def new(): return 3\ndef log"),
    ],
)
def test_a_key_does_not_see_what_is_not_used(method, change, tmp_path):
    assert key(tmp_path, method, LOSSES.replace(*change)) == key(tmp_path, method)


@pytest.mark.parametrize(
    "method",
    [
        "from pkg import losses\nTABLE = vars(losses)",
        "from pkg.losses import *",
        "import pkg.losses",
        "import pkg\ndef f(x): return pkg.losses.entropy(x)",
        "import pkg as p\ndef f(x): return p.losses.entropy(x)",
    ],
)
def test_a_key_sees_all_of_a_module_where_it_is_not_plain_what_is_used(method, tmp_path):
    assert key(tmp_path, method, LOSSES.replace("OTHER = 2", "OTHER = 3")) != key(tmp_path, method)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "FLOOR += 1"),
        ("", "math.log = abs"),
        ("", "if math.pi: FLOOR = 7"),
        ("", "print(OTHER)"),
        ("import json", "import json\njson.dumps = abs"),
        ("print(OTHER)", "print(OTHER)\nOTHER = 4"),
        ("", "FLOOR = 7"),
        ("", "def entropy(x): return 0"),
        ("", "FLOOR: float = 7"),
    ],
)
def test_a_key_sees_whatever_has_an_effect_on_what_is_used(before, after, tmp_path):
    assert key(tmp_path, USES, LOSSES + before) != key(tmp_path, USES, LOSSES + after)


def test_a_key_follows_shared_modules_from_one_to_another_and_no_others(tmp_path):
    method = "from pkg.base import Base\nclass A(Base): pass"
    base = "from pkg import losses\nclass Base:\n    def f(self, x): return losses.log(x)"
    changed = LOSSES.replace("FLOOR = 1e-9", "FLOOR = 0")
    assert key(tmp_path, method, changed, base) != key(tmp_path, method, LOSSES, base)
    assert key(tmp_path, method, LOSSES.replace("-x *", "x *"), base) == key(tmp_path, method, LOSSES, base)
    only = ["base"]
    assert key(tmp_path, method, changed, base, only) == key(tmp_path, method, LOSSES, base, only)
    assert key(tmp_path, method, LOSSES, base + "\n    x = 1", only) != key(tmp_path, method, LOSSES, base, only)


def test_two_modules_that_use_each_other_are_followed_to_an_end(tmp_path):
    base = "from pkg import losses\nTWO = 2\ndef f(): return losses.log(TWO)"
    method, losses = "from pkg.base import f", LOSSES + "def g(): return f()\nfrom pkg.base import f"
    assert key(tmp_path, method, losses, base) != key(tmp_path, method, losses, base.replace("= 2", "= 3"))


def test_a_shared_module_may_use_the_file_that_uses_it(tmp_path):
    base = "from pkg import losses\ndef f(x): return losses.entropy(x)"
    key(tmp_path, "", LOSSES + "from pkg.base import f\ndef g(x): return f(x)", base)
    paths = [tmp_path / f"pkg/{name}.py" for name in ("losses", "base")]
    found = code.used(paths[:1], paths[1:])
    assert {name for one in found[paths[1]] for name in one.binds} == {"f", "losses"}


def test_a_relative_import_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"from \.losses import log: relative"):
        key(tmp_path, "from .losses import log")


def test_of_the_shared_modules_a_method_has_only_what_it_uses():
    found = code.used([ROOT / "methods" / "elr.py"], SHARED)
    names = {path.name: {name for one in found[path] if not one.imports for name in one.binds} for path in found}
    assert names["losses.py"] == {"cross_entropy"}
    assert names["types.py"] == {"Batch", "Estimates"}


def test_the_kernels_count_with_all_that_they_call():
    found = code.used(code.code_files("mlp", "cross_entropy"), SHARED)
    names = {f"{path.stem}.{name}" for path, own in found.items() for one in own for name in one.binds}
    entries = {f"{kernel}.{name}" for kernel in KERNELS[2:] for name in ("forward", "backward", "evaluate")}
    assert KERNELS[2:] == ("perceptrons", "convolutions") and entries <= names
    assert {"perceptrons.layer", "convolutions._convolve", "tiles._instructions", "tiles.COMPILED"} <= names


FIRST = tiny_study.runs(networks=["small_cnn"])[0]
PROBE = {"epochs": [1], "radii": [0.1], "examples": 3, "step": 0.5, "noise": 0.1, "steps": 1}
KINDS = {
    "bags": lambda: tiny_study.stacked(tiny_study.bags(FIRST)),
    "planted": lambda: tiny_study.stacked(tiny_study.planted(FIRST)),
    "folds": lambda: tiny_study.stacked(tiny_study.folds(FIRST, 4)),
    "probed": lambda: tiny_study.stacked([FIRST._replace(probe=True)], probe=PROBE),
    "shifted": lambda: tiny_study.stacked([FIRST._replace(settings=(("shift", 1), ("sampler", "oversample")))]),
    **{
        name: lambda name=name: tiny_study.job(name, "small_cnn", of=tiny_study.data(seeds=1, epochs=3))
        for name in ("mixup", "sop", "co_teaching", "joint_optimization", "cascade")
    },
}
APART = {ROOT / "files.py", ROOT / "train" / "store.py"}  # where results go, not what they are


@pytest.fixture(scope="module")
def warm():
    """What torch imports at the first step would take minutes while calls are noted."""
    tiny.fit(tiny.method("cross_entropy"), "mlp", tiny.data(), tiny.estimates(), 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("warm")
def test_all_that_runs_in_a_training_is_in_its_key(kind, tmp_path):
    """Every function of the package that is called belongs to a statement that counts."""
    called, stack = set(), KINDS[kind]()

    def note(frame, event, _):
        path = Path(frame.f_code.co_filename)
        name = frame.f_code.co_qualname.partition(".")[0]
        if event == "call" and ROOT in path.parents and name not in ("<lambda>", "<module>"):
            called.add((path, name))

    sys.setprofile(note)
    try:
        execute(stack, Place(tmp_path, 0.0))
    finally:
        sys.setprofile(None)
    found = code.used(code.code_files("small_cnn", stack.spec["method"]), SHARED)
    counted = {(path, name) for path, statements in found.items() for one in statements for name in one.binds}
    assert len(called) > 20 and {each for each in called if each[0] not in APART} <= counted

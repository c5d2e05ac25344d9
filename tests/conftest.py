"""All tests run on one thread: programs train so, and two test runs then do not fight for cores."""

import hashlib
import shutil
import signal
import subprocess
import tarfile

import checkout
import pytest
import torch

torch.set_num_threads(1)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it, and so its children
checkout.SOURCES.clear()  # an edit beside the tests is no fault of the stages that run in them

AXE = "4.11.0"
AXE_SHA256 = "e9e5863c33a874f09bc01acd9234b7e3c871479f5eef8802fa582544465e6d01"  # of its axe.min.js


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """The script of axe-core, which finds what keeps people from reading a page."""
    folder = tmp_path_factory.mktemp("axe")
    if not shutil.which("npm"):
        pytest.skip("axe-core: npm is not installed")
    try:
        command = ["npm", "pack", f"axe-core@{AXE}", "--silent"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        pytest.skip("axe-core: the registry of npm is not reached")
    with tarfile.open(next(folder.glob("*.tgz"))) as packed:
        script = packed.extractfile("package/axe.min.js").read()
    assert hashlib.sha256(script).hexdigest() == AXE_SHA256
    return script.decode()

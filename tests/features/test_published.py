"""Encoders whose weights are downloaded: from a server on this machine, made-up weights, names and hashes."""

import hashlib
import re
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from labelnoise import features
from labelnoise.data.tv import models
from labelnoise.features import kept, networks, pictures, published, timm_networks, torchvision_networks
from labelnoise.features.types import Machine
from labelnoise.sections import Timm, Torchvision

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (5, 40, 40, 3), np.uint8)
COLOR = pictures.of_array(IMAGES.transpose(0, 3, 1, 2))


class Handler(SimpleHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        super().do_GET()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Serves `folder`, notes what it is asked for."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder = tmp_path / "www"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        server.asked, server.folder = [], folder
        server.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def made(name: str) -> torch.nn.Module:
    """Weights at random, and statistics of BatchNorm with which images look different to it."""
    torch.manual_seed(0)
    network = models.get_model(name, weights=None).train()
    for part in network.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.momentum = None  # mean of all batches
    with torch.no_grad():
        network(seen(64))
    return network.eval()


def serve(server, monkeypatch, weights, state, digits: str | None = None) -> str:
    """Put `state` where torchvision's `weights` are looked for; its name tells `digits` of its hash."""
    torch.save(state, server.folder / "file")
    content = (server.folder / "file").read_bytes()
    name = f"net-{digits or hashlib.sha256(content).hexdigest()[:8]}.pth"
    (server.folder / name).write_bytes(content)
    monkeypatch.setattr(weights.value, "url", f"{server.address}/{name}")
    return name


def encoded(section, cache) -> np.ndarray:
    (found,) = features.of_images(IMAGES, [section], cache, workers=1, tell=lambda _: None).values()
    return found


def seen(size: int, mean=networks.MEAN, std=networks.STD) -> torch.Tensor:
    return networks.normalized(pictures.at(COLOR, np.arange(5), size), mean, std)


def message(section, cache) -> str:
    """Of the error that an encoder ends in: a line that names it."""
    module = torchvision_networks if isinstance(section, Torchvision) else timm_networks
    with pytest.raises(ValueError) as caught:
        module.encoder(section, COLOR, Machine("cpu", 1, cache))
    said = str(caught.value)
    assert "\n" not in said and said.startswith(f"features: {section.encoder}: "), said
    return said


RESNET = Torchvision(encoder="torchvision/resnet18", size=64)


def test_resnet_is_downloaded_once_checked_and_stripped_of_its_classifier(server, cache, monkeypatch):
    network = made("resnet18")
    name = serve(server, monkeypatch, models.ResNet18_Weights.DEFAULT, network.state_dict())
    before = torch.random.get_rng_state()
    found = encoded(RESNET, cache)
    assert torch.equal(torch.random.get_rng_state(), before) and found.shape == (5, 512)
    with torch.inference_mode():
        logits = network(seen(64)).numpy()
    head = network.fc.weight.detach().numpy(), network.fc.bias.detach().numpy()
    np.testing.assert_allclose(found @ head[0].T + head[1], logits, rtol=1e-3, atol=1e-4)
    assert sorted(path.name for path in (cache / "weights").iterdir()) == [name]
    assert [path.name[:30] for path in cache.glob("*.npz")] == ["features-torchvision-resnet18-"]
    assert encoded(RESNET, cache).tobytes() == found.tobytes()
    assert encoded(RESNET.model_copy(update={"size": 65}), cache).tobytes() != found.tobytes()
    assert server.asked == [f"/{name}"]


@pytest.mark.parametrize(
    ("name", "weights", "columns"),
    [
        ("densenet121", models.DenseNet121_Weights.IMAGENET1K_V1, 1024),
        ("googlenet", models.GoogLeNet_Weights.IMAGENET1K_V1, 1024),
        ("mnasnet0_5", models.MNASNet0_5_Weights.IMAGENET1K_V1, 1280),  # asks for a version
    ],
)
@pytest.mark.filterwarnings("ignore:The default weight initialization of GoogleNet")
def test_the_network_is_the_one_that_torchvision_builds(server, cache, monkeypatch, name, weights, columns):
    """What its own builder makes of the same weights, at the input of the classifier."""
    state = made(name).state_dict()
    if name == "densenet121":  # as it is published
        for key in [key for key in state if "denselayer" in key]:
            value = state.pop(key)
            if "tracked" not in key:
                state[re.sub(r"(norm|conv)([12])", r"\1.\2", key)] = value
        state._metadata.clear()
        assert "features.denseblock1.denselayer1.norm.1.weight" in state
    serve(server, monkeypatch, weights, state)
    found = encoded(Torchvision(encoder=f"torchvision/{name}", weights="IMAGENET1K_V1", size=64), cache)
    monkeypatch.setattr(type(weights), "get_state_dict", lambda *_, **__: state)
    inputs = []
    network = models.get_model(name, weights=weights).eval()
    head = network.fc if name == "googlenet" else network.classifier
    head.register_forward_pre_hook(lambda _, given: inputs.append(given[0]))
    with torch.inference_mode():
        network(seen(64))
    expected = inputs[0].numpy()
    between = expected.std(0).max()  # images, of weights at random
    assert found.shape == (5, columns) and between > 0
    np.testing.assert_allclose(found / between, expected / between, atol=1e-3)


def test_size_mean_and_deviation_are_those_of_the_weights(server, cache, monkeypatch):
    weights = models.EfficientNet_V2_S_Weights.IMAGENET1K_V1  # 384 pixels
    own = partial(weights.transforms, mean=(0.5, 0.4, 0.3), std=(0.5, 0.5, 0.25))
    chosen = SimpleNamespace(url=weights.url, meta=weights.meta, name="OWN", transforms=own)
    assert chosen.transforms().crop_size == [384]
    monkeypatch.setattr(torchvision_networks, "_weights", lambda *_: chosen)
    monkeypatch.setattr(published, "content", lambda *_: b"")
    monkeypatch.setattr(torchvision_networks, "headless", lambda *_: torch.nn.Identity())
    encoder = torchvision_networks.encoder(
        Torchvision(encoder="torchvision/efficientnet_v2_s"), COLOR, Machine("cpu", 1, cache)
    )
    assert encoder.size == 384
    grey = torch.full((1, 3, 4, 4), 0.5)
    expected = torch.tensor([0, 0.1 / 0.5, 0.2 / 0.25])  # the mean over positions
    torch.testing.assert_close(encoder.encode(grey)[0], expected)


def test_a_transformer_has_the_size_of_its_weights():
    swag = models.ViT_B_16_Weights.IMAGENET1K_SWAG_E2E_V1
    assert torchvision_networks._as_trained("vit_b_16", swag) == {"image_size": 384}
    assert torchvision_networks._as_trained("resnet18", models.ResNet18_Weights.DEFAULT) == {}


def test_all_weights_of_torchvision_tell_their_hash(monkeypatch):
    for name in models.list_models(module=models):
        for weights in models.get_model_weights(name):
            if not name.startswith("squeezenet"):
                section = Torchvision(encoder=f"torchvision/{name}", weights=weights.name)
                file = torchvision_networks.file_of(section)
                assert len(file.sha256) >= 8 and file.name.split(".")[-2].endswith(f"-{file.sha256}")
    monkeypatch.setattr(models.ResNet18_Weights.DEFAULT.value, "url", "http://127.0.0.1:1/resnet18.pth")
    assert "weights: resnet18.pth tells no sha256; allowed: other weights" in message(RESNET, None)


def test_other_content_than_its_name_says_is_not_opened_and_not_kept(server, cache, monkeypatch):
    weights = models.ResNet18_Weights.DEFAULT
    name = serve(server, monkeypatch, weights, {"x": torch.zeros(2)}, digits="0123abcd")
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("opened"))
    said = message(RESNET, cache)
    assert ": what was downloaded has the sha256 " in said and said.endswith(
        "; allowed: 0123abcd..., as told beforehand"
    )
    assert not (cache / "weights").exists()
    (cache / "weights").mkdir(parents=True)
    (cache / "weights" / name).write_bytes(b"put there by hand")
    assert f"{name} has the sha256 {hashlib.sha256(b'put there by hand').hexdigest()}; allowed" in message(
        RESNET, cache
    )
    assert len(server.asked) == 1


class Harmful:
    def __reduce__(self):
        return print, ("code was run",)


@pytest.mark.parametrize(
    ("state", "expected"),
    [(Harmful(), "no state dict of torch.save"), ({"conv1.weight": torch.zeros(2)}, "does not fit the network")],
)
def test_no_code_in_it_is_run(server, cache, monkeypatch, capsys, state, expected):
    serve(server, monkeypatch, models.ResNet18_Weights.DEFAULT, state)
    assert expected in message(RESNET, cache) and "code was run" not in capsys.readouterr().out


@pytest.mark.parametrize("reason", ["no answer", "the answer is 404 File not found"])
def test_without_a_network_a_line_says_what_else_there_is(server, cache, monkeypatch, reason):
    name = serve(server, monkeypatch, models.ResNet18_Weights.DEFAULT, {})
    (server.folder / name).unlink()
    if reason == "no answer":
        monkeypatch.setattr(models.ResNet18_Weights.DEFAULT.value, "url", f"http://127.0.0.1:1/{name}")
    said = message(RESNET, cache)
    assert (
        f"cannot be downloaded ({reason}); allowed: a network that is up, {cache / 'weights' / name} put" in said
    )
    assert said.endswith("a file of yours by encoder: state_dict or encoder: onnx") and "127.0.0.1" not in said
    assert not cache.exists()


def test_weights_that_are_there_need_no_network(server, cache, monkeypatch):
    state = made("resnet18").state_dict()
    name = serve(server, monkeypatch, models.ResNet18_Weights.DEFAULT, state)
    (cache / "weights").mkdir(parents=True)
    (server.folder / name).rename(cache / "weights" / name)
    assert encoded(RESNET, cache).shape == (5, 512) and server.asked == []


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"encoder": "torchvision/resnet19"}, "is not there; allowed: resnet18, resnet152, resnet101"),
        ({"encoder": "torchvision/ResNet18"}, "is not there; allowed: resnet18, "),
        ({"encoder": "torchvision/zzz"}, "is not there; allowed: alexnet, convnext_base, "),
        ({"encoder": "torchvision/squeezenet1_0"}, "is not there; allowed: "),
        (
            {"encoder": "torchvision/resnet50", "weights": "V3"},
            "weights = 'V3' is not there; allowed: IMAGENET1K_V1, IMAGENET1K_V2, DEFAULT",
        ),
    ],
)
def test_names_that_are_not_there(cache, keys, expected):
    assert expected in message(Torchvision(**keys), cache)


def test_a_folder_is_needed(monkeypatch):
    assert message(RESNET, None).endswith("weights are kept in a folder; allowed: cache=, where they shall lie")


def test_a_size_that_does_not_suit_it(server, cache, monkeypatch):
    small = dict(num_classes=2, image_size=64)
    with torch.device("meta"):
        network = models.vit_b_32(**small)
    monkeypatch.setattr(torchvision_networks, "built", lambda *_, **__: network)
    monkeypatch.setattr(torchvision_networks, "headless", lambda *_: network)
    monkeypatch.setattr(published, "content", lambda *_: b"")
    said = message(Torchvision(encoder="torchvision/vit_b_32", size=96), cache)
    assert ": size 96 does not suit the network (Wrong image height! Expected 64 but got 96!" in said


TIMM = Timm(encoder="timm/test_vit.r160_in1k", revision="1" * 40, sha256="0" * 64)


def test_what_decides_the_features_of_timm_is_in_their_key(monkeypatch):
    changes = [
        {"encoder": "timm/other"},
        {"revision": "2" * 40},
        {"sha256": "1" * 64},
        {"size": 96},
        {"mean": [0.1] * 3},
        {"std": [0.1] * 3},
    ]
    keys = {kept.key(COLOR, TIMM.model_copy(update=change), "cpu") for change in [{}, *changes]}
    real = kept.metadata.version
    monkeypatch.setattr(kept.metadata, "version", lambda name: "0.1" if name == "timm" else real(name))
    keys |= {kept.key(COLOR, TIMM, "cpu")}
    assert len(keys) == 2 + len(changes)


def test_without_timm_a_line_says_what_to_install(cache, monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    assert message(TIMM, cache).endswith(": needs timm, the extra [timm]; pip install 'labelnoise[timm]'")


@pytest.fixture
def hub(server, monkeypatch):
    """A function that serves weights as timm's hub would, and gives the section that they need."""
    pytest.importorskip("timm")
    import huggingface_hub
    import safetensors.torch

    monkeypatch.setattr(
        huggingface_hub, "hf_hub_url", partial(huggingface_hub.hf_hub_url, endpoint=server.address)
    )

    def put(name: str, state, **keys) -> Timm:
        content = state if isinstance(state, bytes) else safetensors.torch.save(state)
        folder = server.folder / "timm" / name / "resolve" / ("1" * 40)
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(content)
        told = {"revision": "1" * 40, "sha256": hashlib.sha256(content).hexdigest(), **keys}
        return Timm(encoder=f"timm/{name}", **told)

    return put


def of_timm(name: str) -> torch.nn.Module:
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    return timm.create_model(name, pretrained=False).eval()


@pytest.mark.parametrize("name", ["test_vit.r160_in1k", "test_resnet.r160_in1k", "test_efficientnet.r160_in1k"])
def test_timm_without_its_classifier(hub, server, cache, name):
    network = of_timm(name)
    section = hub(name, network.state_dict())
    before = torch.random.get_rng_state()
    found = encoded(section, cache)
    assert torch.equal(torch.random.get_rng_state(), before)
    seen_as = network.pretrained_cfg
    with torch.inference_mode():
        logits = network(seen(160, seen_as["mean"], seen_as["std"])).numpy()
    head = network.get_classifier()
    weight, bias = head.weight.detach().numpy(), head.bias.detach().numpy()
    np.testing.assert_allclose(found @ weight.T + bias, logits, rtol=1e-3, atol=1e-4)
    assert encoded(section, cache).tobytes() == found.tobytes()
    (file,) = (cache / "weights").iterdir()
    assert file.name == f"{name}-{section.sha256[:16]}.safetensors"
    assert server.asked == [f"/timm/{name}/resolve/{'1' * 40}/model.safetensors"]
    own = section.model_copy(update={"mean": [0.1] * 3, "std": [2.0] * 3})
    with torch.inference_mode():
        logits = network(seen(160, own.mean, own.std)).numpy()
    np.testing.assert_allclose(encoded(own, cache) @ weight.T + bias, logits, rtol=1e-3, atol=1e-4)


def test_a_transformer_of_timm_takes_other_sizes(hub, cache):
    """Its positions are scaled from 14 x 14 to 4 x 4; the network itself takes 224 pixels only."""
    name = "vit_tiny_patch16_224.augreg_in21k_ft_in1k"
    section = hub(name, of_timm(name).state_dict(), size=64)
    assert encoded(section, cache).shape == (5, 192)


def test_weights_of_timm_with_another_hash_are_not_opened(hub, cache, monkeypatch):
    import safetensors.torch

    section = hub("test_resnet.r160_in1k", of_timm("test_resnet.r160_in1k").state_dict(), sha256="0" * 64)
    monkeypatch.setattr(safetensors.torch, "load", lambda *_: pytest.fail("opened"))
    said = message(section, cache)
    assert ": what was downloaded has the sha256 " in said and not (cache / "weights").exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda state: b"text", "no file of safetensors ("),
        (lambda state: {}, "is empty; allowed: another revision"),
        (lambda state: dict(list(state.items())[3:]), "do not fit the network (Error(s) in loading state_dict"),
    ],
)
def test_files_that_are_no_weights_of_timm(hub, cache, change, expected):
    state = of_timm("test_resnet.r160_in1k").state_dict()
    assert expected in message(hub("test_resnet.r160_in1k", change(state)), cache)


def test_names_that_timm_does_not_have(hub, cache):
    section = TIMM.model_copy(update={"encoder": "timm/resnet18"})
    assert "has no weights of that name; allowed: resnet18.a1_in1k, " in message(section, cache)
    section = TIMM.model_copy(update={"encoder": "timm/resnt18.a1_in1k"})
    assert "has no weights of that name; allowed: resnet18.a1_in1k, " in message(section, cache)

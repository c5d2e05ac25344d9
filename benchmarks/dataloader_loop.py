"""The baseline: one run as PyTorch research code usually trains it. A process per run.

A Dataset of PIL images with torchvision transforms, a DataLoader, an nn.Sequential, SGD with a cosine schedule,
and after every epoch an evaluation over the training, validation and test loaders. It shares with this project
the numbers of params.yaml, the images and one column of noisy labels, but none of its training code.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
import yaml
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset

from labelnoise.data import tv

transforms = tv.torchvision.transforms


class NoisyDigits(Dataset):
    """(image, given label, true label) as a torchvision data set returns them; the given label is -1 in test."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, clean_labels: np.ndarray):
        self.images = (images[:, 0] * (255 / images.max())).astype(np.uint8)
        self.labels, self.clean_labels = labels.astype(np.int64), clean_labels
        self.transform = transforms.ToTensor()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, at: int) -> tuple[torch.Tensor, int, int]:
        return self.transform(Image.fromarray(self.images[at])), int(self.labels[at]), int(self.clean_labels[at])


def mlp(pixels: int, classes: int, hidden: list[int]) -> nn.Module:
    a, b = hidden
    return nn.Sequential(
        nn.Flatten(), nn.Linear(pixels, a), nn.ReLU(), nn.Linear(a, b), nn.ReLU(), nn.Linear(b, classes)
    )


def small_cnn(pixels: int, classes: int, channels: list[int]) -> nn.Module:
    layers, before = [], 1
    for i, after in enumerate(channels):
        convolution = nn.Conv2d(before, after, 3, stride=2 if i == 1 else 1, padding=1, bias=False)
        layers += [convolution, nn.BatchNorm2d(after), nn.ReLU()]
        before = after
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))


def split(labels: np.ndarray, fraction: float, seed: int) -> dict[str, np.ndarray]:
    pool = np.random.default_rng(seed).permutation(np.flatnonzero(labels >= 0))
    count = int(len(pool) * (1 - fraction))
    return {"train": pool[:count], "val": pool[count:], "test": np.flatnonzero(labels < 0)}


def train_epoch(model: nn.Module, loader: DataLoader, optimizer: torch.optim.Optimizer) -> float:
    model.train()
    total = 0.0
    for images, labels, _ in loader:
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(images)
    return total / len(loader.dataset)


def accuracy(model: nn.Module, loader: DataLoader) -> tuple[float, float]:
    """Agreement with the given and with the true labels."""
    model.eval()
    given = true = 0
    with torch.no_grad():
        for images, labels, clean_labels in loader:
            predicted = model(images).argmax(1)
            given += (predicted == labels).sum().item()
            true += (predicted == clean_labels).sum().item()
    return given / len(loader.dataset), true / len(loader.dataset)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", choices=("mlp", "small_cnn"), required=True)
    parser.add_argument("--column", type=int, required=True, help="column of noise.npz to train on")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.column)
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    section = params["datasets"]["digits"]
    training = section["training"]
    data, noise = np.load("data.npz"), np.load("noise.npz")
    labels = noise["labels"][args.column]
    dataset = NoisyDigits(data["images"], labels, data["clean_labels"])
    parts = split(labels, section["validation_fraction"], args.column)
    loader = DataLoader(Subset(dataset, parts["train"]), training["batch_size"], shuffle=True, num_workers=0)
    evaluated = {name: DataLoader(Subset(dataset, part), 256) for name, part in parts.items()}
    build = {"mlp": mlp, "small_cnn": small_cnn}[args.network]
    widths = {k: v for k, v in params["networks"][args.network].items() if k != "dropout"}  # which is 0 here
    model = build(dataset.images[0].size, len(data["class_names"]), **widths)
    rates = {name: training[name] for name in ("lr", "momentum", "weight_decay")}
    optimizer = torch.optim.SGD(model.parameters(), **rates)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, training["epochs"])
    for epoch in range(training["epochs"]):
        loss = train_epoch(model, loader, optimizer)
        scheduler.step()
        shares = {name: accuracy(model, part) for name, part in evaluated.items()}
        found = ", ".join(f"{name} {given:.3f} {true:.3f}" for name, (given, true) in shares.items())
        print(f"epoch {epoch + 1}: loss {loss:.4f}, {found}")


if __name__ == "__main__":
    main()

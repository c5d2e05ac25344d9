"""The data sets: the table name -> loader. A new one is one file and one line here."""

from labelnoise.data import arrays, cifar_n, crop, digits, folder, subset, torchvision_sets
from labelnoise.types import Dataset

LOADERS = {
    "digits": digits.load,
    "fashion_mnist": torchvision_sets.load,
    "mnist": torchvision_sets.load,
    "cifar10": torchvision_sets.load,
    "cifar100": torchvision_sets.load,
    "cifar10n": cifar_n.load,
    "cifar100n": cifar_n.load,
    "folder": folder.load,  # own data: a section of any name with `source: folder`, or of that name
    "arrays": arrays.load,
}


def load(name: str, data, download) -> Dataset:
    """Data set `name`, reduced as its parameters say.

    data: section `datasets.<name>.data` with folds (int), subset (int or None), imbalance (float), crop (int or
    None), source (a key of the table, or None: the name is it), and for own data folder or arrays.
    download: section `download` with folder (str or None), mirrors (list of str), cache (str).
    ValueError for an unknown name, parameters that do not fit the data set, files that cannot be had.
    """
    source = data.source or name
    if source not in LOADERS:
        raise ValueError(f"study.datasets: unknown data set {name!r}; known are {', '.join(LOADERS)}")
    found = subset.reduce(name, LOADERS[source](name, data, download), data)
    return found if data.crop is None else crop.centre(name, found, data.crop)

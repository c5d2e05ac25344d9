"""The table of networks. Each is built as Net(generators, image_shape, classes, **section of params.yaml)."""

from torch import nn

from labelnoise.nets.mlp import Mlp
from labelnoise.nets.small_cnn import SmallCnn

NETWORKS: dict[str, type[nn.Module]] = {"mlp": Mlp, "small_cnn": SmallCnn}

"""The table of networks. Each is built as Net(generators, image_shape, classes, **section of params.yaml)."""

from torch import nn

from labelnoise.nets.cnn9 import Cnn9
from labelnoise.nets.mlp import Mlp
from labelnoise.nets.resnet import ResNet
from labelnoise.nets.small_alexnet import SmallAlexNet
from labelnoise.nets.small_cnn import SmallCnn
from labelnoise.nets.small_inception import SmallInception

NETWORKS: dict[str, type[nn.Module]] = {
    "mlp": Mlp,
    "small_cnn": SmallCnn,
    "resnet": ResNet,
    "cnn9": Cnn9,
    "small_inception": SmallInception,
    "small_alexnet": SmallAlexNet,
}

"""The only importer of torchvision, which fails to import beside a torch built for other devices.

With CPU torch and a CUDA torchvision, "operator torchvision::nms does not exist" (pytorch/vision#9085). Data sets
and classifiers need none of its compiled operators, so the two unguarded ones are declared, without an
implementation, and the import is tried again. Declaring them first would break a matching pair, which registers
them itself.
"""

import sys

import torch

try:
    import torchvision
except RuntimeError as error:
    if "torchvision::" not in str(error):
        raise
    for _module in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[_module]
    _library = torch.library.Library("torchvision", "FRAGMENT")
    for _operator in ("nms", "qnms"):
        _library.define(f"{_operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision

datasets, models = torchvision.datasets, torchvision.models

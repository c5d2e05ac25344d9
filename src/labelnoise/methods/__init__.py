"""The table of methods; a name, its file and its section of params.yaml are the same word.

A name that ends in `_oracle` is given the true transition matrix.
"""

from labelnoise.methods.base import Method
from labelnoise.methods.cross_entropy import CrossEntropy
from labelnoise.methods.forward_estimated import ForwardEstimated
from labelnoise.methods.forward_oracle import ForwardOracle
from labelnoise.methods.joint_optimization import JointOptimization
from labelnoise.methods.mae import Mae
from labelnoise.methods.noise_layer import NoiseLayer

METHODS: dict[str, type[Method]] = {
    "cross_entropy": CrossEntropy,
    "mae": Mae,
    "forward_oracle": ForwardOracle,
    "forward_estimated": ForwardEstimated,
    "noise_layer": NoiseLayer,
    "joint_optimization": JointOptimization,
}

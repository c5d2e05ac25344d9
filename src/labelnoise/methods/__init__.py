"""The table of methods: a name and its file are the same word. Variants are arguments: a row of `methods` in
params.yaml says which method it is, and with what.
"""

from labelnoise.methods.backward import Backward
from labelnoise.methods.base import Method
from labelnoise.methods.bootstrapping import Bootstrapping
from labelnoise.methods.cascade import Cascade
from labelnoise.methods.co_teaching import CoTeaching
from labelnoise.methods.cross_entropy import CrossEntropy
from labelnoise.methods.dividemix import Dividemix
from labelnoise.methods.dropout_noise_layer import DropoutNoiseLayer
from labelnoise.methods.elr import Elr
from labelnoise.methods.flip_probability_layer import FlipProbabilityLayer
from labelnoise.methods.forward import Forward
from labelnoise.methods.gce import Gce
from labelnoise.methods.importance_reweighting import ImportanceReweighting
from labelnoise.methods.instance_noise_layer import InstanceNoiseLayer
from labelnoise.methods.joint_optimization import JointOptimization
from labelnoise.methods.label_smoothing import LabelSmoothing
from labelnoise.methods.mae import Mae
from labelnoise.methods.mixup import Mixup
from labelnoise.methods.mse import Mse
from labelnoise.methods.nce_rce import NceRce
from labelnoise.methods.nnaqc import Nnaqc
from labelnoise.methods.noise_layer import NoiseLayer
from labelnoise.methods.noise_layer_topdown import NoiseLayerTopdown
from labelnoise.methods.pencil import Pencil
from labelnoise.methods.prune import Prune
from labelnoise.methods.ramp import Ramp
from labelnoise.methods.sce import Sce
from labelnoise.methods.second_form import SecondForm
from labelnoise.methods.self_training import SelfTraining
from labelnoise.methods.sop import Sop
from labelnoise.methods.t_revision import TRevision
from labelnoise.methods.unhinged import Unhinged
from labelnoise.methods.volminnet import Volminnet
from labelnoise.methods.warp import Warp
from labelnoise.methods.weight_ema import WeightEma

METHODS: dict[str, type[Method]] = {
    "cross_entropy": CrossEntropy,
    "mae": Mae,
    "mse": Mse,
    "unhinged": Unhinged,
    "ramp": Ramp,
    "warp": Warp,
    "gce": Gce,
    "sce": Sce,
    "nce_rce": NceRce,
    "label_smoothing": LabelSmoothing,
    "bootstrapping": Bootstrapping,
    # a transition matrix, given
    "forward": Forward,
    "second_form": SecondForm,
    "noise_layer_topdown": NoiseLayerTopdown,
    "backward": Backward,
    "importance_reweighting": ImportanceReweighting,
    # a transition matrix, learned
    "noise_layer": NoiseLayer,
    "dropout_noise_layer": DropoutNoiseLayer,
    "nnaqc": Nnaqc,
    "volminnet": Volminnet,
    "instance_noise_layer": InstanceNoiseLayer,
    "flip_probability_layer": FlipProbabilityLayer,
    "t_revision": TRevision,
    # labels trained along
    "joint_optimization": JointOptimization,
    "elr": Elr,
    "sop": Sop,
    "pencil": Pencil,
    "dividemix": Dividemix,
    # inputs or weights averaged
    "mixup": Mixup,
    "weight_ema": WeightEma,
    # examples left out, or labels replaced
    "co_teaching": CoTeaching,
    "prune": Prune,
    "cascade": Cascade,
    "self_training": SelfTraining,
}

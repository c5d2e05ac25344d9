"""The peer in JAX: runs side by side by vmap, an epoch of steps as one scan, compiled.

A file of its own, since JAX is not a requirement.
"""

import os

# before JAX is loaded: one thread, as everybody here
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
from workload import Split

Weights = list[tuple[jax.Array, jax.Array]]  # of each layer: [in, out], [out]


def train(splits: list[Split], hidden: tuple[int, ...], classes: int, of: dict) -> list[float]:
    """Train on every split; accuracies on the test images after the last epoch. An order is cut to whole batches,
    since shapes are fixed when compiled, and the parts that are evaluated to the shortest."""
    data, (images, width) = _side_by_side(splits), splits[0].inputs.shape
    weights = _weights(np.random.default_rng(0), len(splits), [width, *hidden, classes])
    momentum, rng = jax.tree.map(jnp.zeros_like, weights), np.random.default_rng(1)
    steps, rates = images // of["batch_size"], (of["momentum"], of["weight_decay"])
    for epoch in range(of["epochs"]):
        lr = of["lr"] * 0.5 * (1 + np.cos(np.pi * epoch / of["epochs"]))
        orders = [rng.permutation(images)[: steps * of["batch_size"]] for _ in splits]
        orders = np.reshape(orders, (len(splits), steps, of["batch_size"])).astype(np.int32)
        weights, momentum, (_, test) = _epoch(weights, momentum, orders, data, np.float32(lr), rates)
        found = np.asarray(test)  # waits, as who looks at it does
    return found.tolist()


def _side_by_side(splits: list[Split]) -> Split:
    parts = []
    for part in zip(*splits):
        shortest = min(map(len, part))
        parts.append(jnp.asarray(np.stack([own[:shortest].numpy() for own in part])))
    return Split(*parts)


def _weights(rng: np.random.Generator, runs: int, widths: list[int]) -> Weights:
    def layer(a: int, b: int) -> tuple[jax.Array, jax.Array]:
        drawn = rng.standard_normal((runs, a, b), np.float32) * np.sqrt(2 / a, dtype=np.float32)
        return jnp.asarray(drawn), jnp.zeros((runs, b))

    return [layer(a, b) for a, b in pairwise(widths)]


def _forward(weights: Weights, inputs: jax.Array) -> jax.Array:
    for weight, bias in weights[:-1]:
        inputs = jax.nn.relu(inputs @ weight + bias)
    weight, bias = weights[-1]
    return inputs @ weight + bias


def _loss(weights: Weights, inputs: jax.Array, labels: jax.Array) -> jax.Array:
    log_probs = jax.nn.log_softmax(_forward(weights, inputs))
    return -jnp.take_along_axis(log_probs, labels[:, None], 1).mean()


def _one(weights, momentum, order, data, lr, rates):
    """An epoch of one run, and its accuracies on the validation and test part."""

    def step(at, part):
        weights, momentum = at
        slope = jax.grad(_loss)(weights, data.inputs[part], data.labels[part])
        momentum = jax.tree.map(lambda m, g, w: rates[0] * m + g + rates[1] * w, momentum, slope, weights)
        return (jax.tree.map(lambda w, m: w - lr * m, weights, momentum), momentum), None

    (weights, momentum), _ = jax.lax.scan(step, (weights, momentum), order)
    parts = (data.val_inputs, data.val_labels), (data.test_inputs, data.test_labels)
    hits = tuple((_forward(weights, inputs).argmax(1) == labels).mean() for inputs, labels in parts)
    return weights, momentum, hits


_epoch = jax.jit(jax.vmap(_one, in_axes=(0, 0, 0, 0, None, None)), donate_argnums=(0, 1))

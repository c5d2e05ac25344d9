"""Random patches of the images themselves as filters: features without training and without weights.

Coates and Ng 2011, "The importance of encoding versus training with sparse coding and vector quantization"
(section 3: patches at random, soft threshold), in the pipeline of Coates, Lee and Ng 2011 (contrast
normalisation, ZCA whitening, pooling). A patch x is u = (x - mean) / sqrt(var + 10); whitened, w = V (u - mu)
with V = (S + .1)^(-1/2), S the covariance of the u; its activations are s_k = d_k . w for 512 unit vectors d_k,
which are whitened patches themselves. max(0, s - .25) and max(0, -s - .25), each averaged over 3 x 3 fields of
the image, are 9,216 numbers: standardised, and projected to 768 by a Gaussian matrix, which keeps distances to a
few per cent.

As s is linear in x - mean, up to the patch's contrast, all activations are one convolution: about half of the time
that cutting patches out takes.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from labelnoise.features import blocks, pictures
from labelnoise.features.pictures import Pictures
from labelnoise.features.types import Encoder, Machine

SIZE, PATCH, FIELDS = 32, 6, 3  # pixels, pixels, fields per side; 48 pixels gave the same
FILTERS, THRESHOLD, PROJECTED = 512, 0.25, 768
CONTRAST, RIDGE = 10.0, 0.1  # added to the variance of pixels in 0..255, and to the eigenvalues of the covariance
# Filters, whitening, means and deviations come from a sample, so that 9,216 numbers are held of no image and few
# images are encoded twice; up to so many images it is all of them. On 3,000 images of CIFAR-10 the result
# correlates at .9996 with that from means and deviations of all, and tells classes apart as well.
SAMPLE = 1000
LEARNED = 60_000  # patches of the sample that the covariance is taken of, `STRIDE` pixels apart
STRIDE = 3
SCARCE = 0.01  # of the usual deviation: that of a filter which is hardly ever active in the sample is set to it
SAMPLE_SEED, PATCH_SEED, FILTER_SEED, PROJECTION_SEED = 1, 2, 3, 4  # they belong to the encoder, not to a run
BLOCK = 16  # images: activations then stay in a core's cache
MIDDLE = 128  # subtracted from pixels, which changes no patch less its mean, and keeps digits in sums


class Filters(NamedTuple):
    """Activations of a patch x with variance v: (weight * x) / sqrt(v + 10) - offset."""

    weight: Tensor  # [K, channels, PATCH, PATCH]
    offset: Tensor  # [K, 1, 1]


class Fitted(NamedTuple):
    """What a sample of the pictures decides: with it other pictures are encoded alike."""

    filters: Filters
    mean: Tensor  # [2 * K * FIELDS^2] of the pooled activations
    scale: Tensor  # [2 * K * FIELDS^2] their deviations


def encoder(section, of: Pictures, machine: Machine) -> Encoder:
    """[B, 768]; fitted to a sample of the pictures."""
    return encoder_of(fit(of, machine), machine)


def fit(of: Pictures, machine: Machine) -> Fitted:
    """From a sample of the pictures."""
    rows = _drawn(pictures.count(of), SAMPLE, SAMPLE_SEED)
    sample = torch.cat([pictures.at(of, rows[s : s + BLOCK], SIZE) for s in range(0, len(rows), BLOCK)])
    filters = fitted(sample)
    raw = Encoder(SIZE, BLOCK, partial(pooled, _placed(filters, machine)))
    found = blocks.encoded(raw, of, rows, machine, "features: patches, a sample")
    return Fitted(filters, *_moments(found))


def encoder_of(known: Fitted, machine: Machine) -> Encoder:
    """[B, 768]"""
    filters, mean, scale = _placed(known.filters, machine), known.mean, known.scale
    projection = torch.randn(len(mean), PROJECTED, generator=torch.Generator().manual_seed(PROJECTION_SEED))
    projection = (projection / (scale[:, None] * PROJECTED**0.5)).to(machine.device)
    mean = mean.to(machine.device)
    return Encoder(SIZE, BLOCK, lambda images: (pooled(filters, images) - mean) @ projection)


def _placed(filters: Filters, machine: Machine) -> Filters:
    return Filters(*(part.to(machine.device) for part in filters))


def fitted(sample: Tensor) -> Filters:
    """Filters from images [n, channels, SIZE, SIZE] in 0..1."""
    cut = F.unfold(sample * 255, PATCH, stride=STRIDE).transpose(1, 2).flatten(0, 1)
    patches = cut[_drawn(len(cut), LEARNED, PATCH_SEED)].double()
    patches = patches - patches.mean(1, keepdim=True)
    patches = patches / torch.sqrt(patches.var(1, keepdim=True) + CONTRAST)
    mean = patches.mean(0)
    values, vectors = torch.linalg.eigh((patches - mean).T @ (patches - mean) / len(patches))
    whitening = vectors * (values.clamp_min(0) + RIDGE) ** -0.5 @ vectors.T
    units = (patches[_drawn(len(patches), FILTERS, FILTER_SEED)] - mean) @ whitening
    units = F.normalize(units)  # a patch that is the mean stays 0
    weight = units @ whitening
    offset = weight @ mean
    weight = weight - weight.mean(1, keepdim=True)  # w . (x - mean of x) = (w - mean of w) . x
    shape = (len(weight), sample.shape[1], PATCH, PATCH)
    return Filters(weight.float().reshape(shape), offset.float()[:, None, None])


def pooled(filters: Filters, images: Tensor) -> Tensor:
    """Mean activations beyond the threshold, on both sides and by field: images [B, channels, SIZE, SIZE] in 0..1
    -> [B, 2 * K * FIELDS^2]."""
    centered = (images * 255 - MIDDLE).contiguous(memory_format=torch.channels_last)
    weight = filters.weight.contiguous(memory_format=torch.channels_last)
    active = F.conv2d(centered, weight).mul_(_contrast(centered)).sub_(filters.offset)
    beyond = F.softshrink(active, THRESHOLD)  # one side less the other; its size is their sum
    field = (SIZE - PATCH + 1) // FIELDS
    difference, total = F.avg_pool2d(beyond, field), F.avg_pool2d(beyond.abs_(), field)
    return torch.cat([total + difference, total - difference], 1).flatten(1) / 2


def _contrast(images: Tensor) -> Tensor:
    """1 / sqrt(variance + 10) of every patch, [B, 1, positions, positions]; in float64, as squares cancel."""
    pixels = images.double()
    mean = F.avg_pool2d(pixels.mean(1, keepdim=True), PATCH, 1)
    square = F.avg_pool2d((pixels * pixels).mean(1, keepdim=True), PATCH, 1)
    values = images.shape[1] * PATCH**2
    return torch.rsqrt((square - mean * mean).clamp_min(0) * (values / (values - 1)) + CONTRAST).float()


def _moments(found) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each column, [D] both, over blocks of rows; nothing is held."""
    count, total, squares = 0, 0.0, 0.0
    for rows in found:
        values = torch.from_numpy(rows).double()
        count, total, squares = count + len(values), total + values.sum(0), squares + values.square().sum(0)
    mean = total / count
    deviation = (squares / count - mean * mean).clamp_min(0).sqrt()
    scarce = SCARCE * deviation.median()
    return mean.float(), torch.where(deviation > scarce, deviation, scarce.clamp_min(1e-6)).float()


def _drawn(count: int, most: int, seed: int) -> np.ndarray:
    """At most `most` of 0..count-1, sorted."""
    return np.sort(np.random.default_rng(seed).permutation(count)[:most])

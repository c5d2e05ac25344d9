"""Cross-entropy against torch, and its gradient p - e."""

import torch
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.types import Batch


def test_loss_and_gradient():
    logits = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    logits.requires_grad_()
    labels = torch.tensor([[0, 3, 1], [2, 2, 0]])
    batch = Batch(logits, labels, None, labels, 0, [])
    loss = METHODS["cross_entropy"]().loss(logits, batch, {})
    loss.sum().backward()
    probs = torch.softmax(logits.detach(), -1)
    torch.testing.assert_close(loss, functional.cross_entropy(logits.movedim(-1, 1), labels, reduction="none"))
    torch.testing.assert_close(logits.grad, probs - functional.one_hot(labels, 4))

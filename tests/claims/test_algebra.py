"""What claims.yaml says by algebra, by its own two-class examples."""

from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

T = np.array([[0.9, 0.1], [0.4, 0.6]])  # T[i, j] = P(label = j | true label = i)
CLAIMS = yaml.safe_load(Path(__file__).parents[2].joinpath("claims.yaml").read_text("utf-8"))


def test_every_proof_is_checked_here():
    assert {name for name, of in CLAIMS.items() if "proof" in of} == {
        "orientation_by_algebra", "second_form_by_algebra", "no_function_of_the_image", "divergence_by_algebra",
        "soft_labels_stop",
    }  # fmt: skip


def test_the_probability_of_a_label_takes_the_transpose():
    """Labels drawn for images that are all of class 0."""
    s = np.array([1.0, 0.0])
    drawn = np.random.default_rng(0).choice(2, size=20_000, p=T[0])
    assert (T.T @ s)[1] == pytest.approx(0.1) == pytest.approx(drawn.mean(), abs=0.01)
    assert (T @ s)[1] == pytest.approx(0.4)


def test_the_second_form_is_least_at_the_row_of_the_label():
    grid = np.linspace(0.001, 0.999, 999)
    loss = -(T[1, 0] * np.log(grid) + T[1, 1] * np.log(1 - grid))
    assert grid[loss.argmin()] == pytest.approx(0.4) and loss.min() == pytest.approx(0.673, abs=5e-4)
    assert -(T[1, 0] * np.log(1e-300)) > 200  # s = (0, 1)


def test_no_matrix_has_two_flip_probabilities():
    """A w(theta) gives both images the same matrix, whatever theta is."""
    theta = torch.randn(5, generator=torch.Generator().manual_seed(0))
    first, second = (torch.softmax(theta[:4].view(2, 2), -1) for _ in ("x", "x'"))
    assert torch.equal(first, second)


@pytest.mark.parametrize("y", [(0.7, 0.3), (0.2, 0.8)])
def test_divergence_and_cross_entropy_have_one_gradient(y):
    y, gradients = torch.tensor(y, dtype=torch.float64), []
    for loss in (lambda s: (y * (y / s).log()).sum(), lambda s: -(y * s.log()).sum()):
        z = torch.tensor([0.3, -0.4], dtype=torch.float64, requires_grad=True)
        loss(torch.softmax(z, -1)).backward()
        gradients.append(z.grad)
    expected = torch.softmax(torch.tensor([0.3, -0.4], dtype=torch.float64), -1) - y
    for gradient in gradients:
        torch.testing.assert_close(gradient, expected)


def test_soft_labels_that_are_the_prediction_have_no_loss_and_no_gradient():
    z = torch.tensor([0.7, 0.3], dtype=torch.float64).log().requires_grad_()
    s = torch.softmax(z, -1)
    loss = (s.detach() * (s.detach() / s).log()).sum()
    loss.backward()
    assert loss.item() == pytest.approx(0) and z.grad.abs().max().item() == pytest.approx(0)

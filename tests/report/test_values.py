"""What the page says of other values of two methods, counted again from rows."""

import re

import numpy as np
import pandas as pd
import pytest

from labelnoise.report import values

ASYMMETRIC, SYMMETRIC = ("mlp", "asymmetric", 0.4), ("mlp", "symmetric", 0.4)


def rows(cell, metric: str, means: dict[str, list[float]]) -> pd.DataFrame:
    """Table `contrasts` from method -> a value per seed."""
    keys = dict(zip(values.CELL, cell, strict=True)) | {"realised_rate": 0.36, "metric": metric}
    return pd.DataFrame(
        keys | {"method": name, "seed": seed, "value": value}
        for name, own in means.items()
        for seed, value in enumerate(own)
    )


def nnaqc(cell, *means):
    """Three seeds of every row, a point below and above its mean."""
    steps = (-0.01, 0, 0.01)
    return rows(
        cell, "test_accuracy", {name: [mean + s for s in steps] for name, mean in zip(values.NNAQC, means)}
    )


def penalty(cell, accuracy, nll):
    return pd.concat(
        rows(cell, metric, {name: [value] * 2 for name, value in zip(values.PENALTY, of)})
        for metric, of in (("test_accuracy", accuracy), ("validation_nll", nll))
    )


def test_the_range_of_nnaqc_is_that_of_its_means_cell_by_cell():
    table = pd.concat([nnaqc(SYMMETRIC, 0.78, 0.95, 0.6, 0.87), nnaqc(ASYMMETRIC, 0.8, 0.7, 0.75, 0.72)])
    (made,) = values.tables(table)
    found = {
        noise: (float(low), float(high))
        for low, high, noise in re.findall(r"([\d.]+) to ([\d.]+)% in (\w+)", made.note)
    }
    for noise, part in table.groupby("noise"):
        means = [np.mean([row.value for row in part.itertuples() if row.method == name]) for name in values.NNAQC]
        assert found[noise] == pytest.approx((100 * min(means), 100 * max(means)))
    frame = made.frame.set_index("row")
    assert list(frame) == ["asymmetric 0.4 [%]", "symmetric 0.4 [%]"]
    assert frame.loc["NNAQC", "symmetric 0.4 [%]"] == "78.0\n(77.0–79.0)"
    assert frame.loc["nnaqc hard: NNAQC, beta .9", "asymmetric 0.4 [%]"] == "70.0\n(69.0–71.0)"


def test_a_cell_or_a_seed_that_a_row_lacks_does_not_count():
    """The third seed of one row diverged: of the others two count too. The other cell has the first row alone."""
    here = nnaqc(SYMMETRIC, 0.5, 0.6, 0.7, 0.8)
    here.loc[(here["method"] == "nnaqc_hard") & (here["seed"] == 2), "value"] = np.nan
    (made,) = values.tables(pd.concat([here, nnaqc(ASYMMETRIC, 0.1)]))
    assert "from 49.5 to 79.5% in symmetric 0.4. Mean" in made.note and "asymmetric" not in made.note
    assert values.tables(nnaqc(SYMMETRIC, 0.5, 0.6, 0.7)) == []


def test_the_penalty_that_noisy_labels_would_choose_has_the_smallest_nll():
    table = pd.concat(
        [
            penalty(SYMMETRIC, (0.6, 0.7, 0.9, 0.8), (1.2, 1.1, 0.9, 1.3)),
            penalty(ASYMMETRIC, (0.75, 0.8, 0.84, 0.79), (0.5, 0.8, 0.9, 1.0)),
        ]
    )
    (made,) = values.tables(table)
    assert (
        "In asymmetric 0.4 noisy validation labels would choose noise layer no penalty, with 75.0% test accuracy "
        "in place of 84.0%. In symmetric 0.4 noisy validation labels would choose the same one, with 90.0% test "
        "accuracy." in made.note
    )
    own = made.frame.set_index("row").loc["noise layer strong penalty: the projection, penalty 3"]
    assert own["symmetric 0.4: validation NLL [nats]"] == "1.30"
    assert own["asymmetric 0.4: test accuracy [%]"] == "79.0"


def test_several_networks_are_named():
    (made,) = values.tables(
        pd.concat([nnaqc(SYMMETRIC, *[0.5] * 4), nnaqc(("small_cnn", *SYMMETRIC[1:]), *[0.6] * 4)])
    )
    assert "goes from 50.0% in mlp: symmetric 0.4; from 60.0% in small cnn: symmetric 0.4." in made.note

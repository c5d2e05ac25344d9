import pandas as pd
import pytest

from labelnoise import words
from labelnoise.figures import cells

TABLE = pd.DataFrame(
    {
        "noise": ["pair_flip", "none", "symmetric", "symmetric"],
        "noise_rate": [0.45, 0.0, 0.4, 0.2],
        "method": list("abcd"),
    }
)


def test_order_of_noises_and_cells():
    assert cells.noises(TABLE) == ["none", "symmetric", "pair_flip"]
    assert cells.cells(TABLE) == [("none", 0.0), ("symmetric", 0.2), ("symmetric", 0.4), ("pair_flip", 0.45)]


def test_unknown_cell_names_the_cells_there_are():
    with pytest.raises(ValueError, match=r"no rows for symmetric 0\.3; .*symmetric 0\.2, symmetric 0\.4"):
        cells.at(TABLE, "symmetric", 0.3)


def test_methods_follow_the_list_and_none_is_dropped_silently():
    assert cells.present(TABLE, list("zdcba")) == list("dcba")
    with pytest.raises(ValueError, match="'d' is in the table but not in"):
        cells.present(TABLE, list("abc"))


def test_labels_of_people_are_called_what_they_are():
    assert words.cell_name("given", 0.0) == "labels as given"
    assert words.cell_name("rechecked", 0.4) == "labels as given, rechecked"
    assert words.cell_name("human_worse", 0.4021) == "human worse 0.4021"
    assert [words.noise_name(noise) for noise in ("none", "pair_flip")] == ["no noise", "pair flip"]


def test_labels_as_given_come_before_noises_with_several_rates():
    own = pd.DataFrame({"noise": ["rechecked", "given"], "noise_rate": [0.0, 0.0], "method": ["a", "b"]})
    order = ["none", "given", "rechecked", "symmetric", "pair_flip"]
    assert cells.noises(pd.concat([TABLE, own])) == order

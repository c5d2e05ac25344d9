"""What `labelnoise.find` takes, worked out by hand, and the line where that is more than there is."""

from types import SimpleNamespace

import pytest

from labelnoise import costs, find_costs


def test_what_find_takes_is_told_by_hand_for_few_classes_and_many():
    """1,000 examples of 10 classes; 100,000 of 1,000, with kernels of 600 MB and features of 25 MB."""
    few = costs.BASE_BYTES + 4 * 4 * 1000 * 64 + 4 * 1000 * 1000 * (2 + 5) + 1000 * 8 * costs.PER_CLASS * 10
    assert find_costs.needed(1000, 10, [64]) == (few, 0)
    many = costs.PER_EXAMPLE + costs.PER_KEPT * 21
    kernels = 6000 * (2 * 100_000 + 3 * 60_000)
    found = costs.BASE_BYTES + 100_000 * (4 * 4 * 64 + many) + costs.MATRICES * 10**6 + costs.BLOCKS + kernels
    assert find_costs.needed(100_000, 1000, [64]) == (found, 0)


def test_what_is_too_large_for_memory_lies_in_files():
    """A million examples: two kernels of 6 GB, and four times 4 GB of 1,000 columns."""
    memory, disk = find_costs.needed(1_000_000, 1000, [1000])
    assert disk == 2 * 6e9 + 4 * 4e9 and memory < 6 * 2**30


def test_given_probabilities_count_twice_and_as_a_set():
    """A million examples of 500 classes: 2 GB each."""
    (memory, disk), (more, room) = (find_costs.needed(10**6, 500, [64], given) for given in (False, True))
    assert room - disk == 2 * 2e9 and more - memory == costs.PER_KEPT * 21 * 10**6 + costs.BLOCKS


@pytest.mark.parametrize(("memory", "disk", "said"), [(2**20, 2**60, "memory"), (2**60, 2**20, "TMPDIR=")])
def test_find_says_in_one_line_what_does_not_fit(monkeypatch, memory, disk, said):
    monkeypatch.setattr(costs, "available", lambda: memory)
    monkeypatch.setattr(find_costs.shutil, "disk_usage", lambda _: SimpleNamespace(free=disk))
    with pytest.raises(ValueError, match=said) as raised:
        find_costs.check(1_000_000, 1000, [64, 32])
    assert str(raised.value).startswith("labels: 1,000,000 examples of 1,000 classes with 96 columns of features ")
    assert "allowed: " in str(raised.value) and "\n" not in str(raised.value)


def test_how_long_all_of_it_takes_and_what_of_that_the_noise_model(monkeypatch):
    """3,000 examples and two sets take 24 s at 4 ms, of which the self-check four fifths; with probabilities it
    asks little."""
    monkeypatch.setattr(find_costs.os, "cpu_count", lambda: 2)
    model, check = find_costs.seconds(3000, 2)
    assert (model, check) == (pytest.approx(4.8), pytest.approx(19.2)) and find_costs.seconds(3000, 2, True)[
        1
    ] == 0
    assert [find_costs.about(of) for of in (0, 4.8, 89, 100)] == [
        "about 1 s",
        "about 5 s",
        "about 89 s",
        "about 2 min",
    ]
    beside = " (up to about 2 min beside what else runs now)"  # 60 s with 2 of 5 shares of the cores
    for load, slower in ((0.9, ""), (3.0, beside)):
        monkeypatch.setattr(find_costs.os, "getloadavg", lambda of=load: (of, 9.0, 9.0))
        assert find_costs.in_words(costs.Cost(3000, 30 + 55, 2**30), 2) == (
            f"3,000 examples: about 60 s in all on 2 free cores{slower}, of which the noise model and its "
            "self-check take about 24 s; about 1.0 GB of memory"
        )


def test_columns_of_images_before_they_are_encoded():
    own = [SimpleNamespace(encoder="pixels"), SimpleNamespace(encoder="torchvision/resnet18")]
    assert find_costs.columns_of((8, 8), None) == [64] and find_costs.columns_of((8, 9, 3), None) == [216]
    assert find_costs.columns_of((), None) == find_costs.columns_of((64, 64, 3), None) == [768, 1280]
    assert find_costs.columns_of((64, 64, 4), None) == [768]
    assert find_costs.columns_of((64, 64), own) == [4096, costs.OTHER_COLUMNS]

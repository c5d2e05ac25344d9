"""`labelnoise why`: which stages a change makes stale, how many runs these train, and what that takes."""

import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from labelnoise import artifacts, data, files, own_data, params, places, planned
from labelnoise.commands import beforehand, words
from labelnoise.data import npz
from labelnoise.data.words import counted, some
from labelnoise.device import chosen
from labelnoise.methods import METHODS
from labelnoise.noise import grid, noisy_labels
from labelnoise.noise.noisy_labels import NoisyLabels
from labelnoise.params import Params
from labelnoise.runs import demand, execute, inputs, programs
from labelnoise.runs.plan import Plan
from labelnoise.runs.run import Run
from labelnoise.studies import plan as studies
from labelnoise.studies import setting
from labelnoise.studies.setting import Setting
from labelnoise.train import engine
from labelnoise.train.program import Place
from labelnoise.types import Dataset

EMBEDDED = ("digits",)  # data sets that are loaded within a second, without a network
# CPU-seconds to train a network on an image, and evaluate it there. Measured on one core of a small machine, over
# all methods: cross-entropy takes half as long as the others. MLPs of 26,000 and of 1,200,000 weights.
MLP_IMAGE, MLP_WEIGHT, SMALL_CNN_PIXEL = 2e-6, 9e-11, 5e-7
OPERATION, KEPT = 3e-11, 2e-9  # of another network: by those of a prediction, and by the bytes that a step keeps.
# Seven networks, from 6 million to 1.5 billion operations, took .64 to 1.0 times as long
GPU = 1e13  # FLOPs of a GPU in a second: assumed: a fifth of the fp32 products of an H200 (benchmarks/README.md)
PASSES = 4  # forward for an image, twice as much back, and its evaluation
UNIT = {"cpu": "CPU-minutes", "cuda": "GPU-minutes"}
# what DVC says of files of an earlier run; in a fresh clone nobody has made, and so deleted, any
ABSENT = {"deleted": "is not there", "not in cache": "is not there"}
Stale = dict[str, str]  # address of a stage -> why it would run


@threadpool_limits.wrap(limits=1)  # as in stages: else labels and estimates would round differently
def run(args: SimpleNamespace) -> None:
    p = params.load(methods=METHODS) if args.preset is None else beforehand.of_preset(args.preset)
    found = {} if args.preset else stale(own_data.changed(p, artifacts.OWN_FILES))
    if args.preset:
        print(f"before {args.preset} is run in a folder of its own, counting nothing that is there\n")
        if not p.study.full:
            print("study.full is false: it ends with the list of labels to recheck, and trains no network")
            return
    elif found:
        print(words.table(pd.DataFrame(found.items(), columns=["stage", "why it runs"])), end="\n\n")
    else:
        print("every stage is up to date: nothing will run\n")
    rows = [row for name in p.study.datasets for row in parts(p, name, None if args.preset else found)]
    print(words.table(pd.DataFrame(rows)))
    for line in totals(p, rows):
        print(line)


def before(p: Params) -> Iterator[str]:
    """What a study that has not begun trains, in words."""
    rows = [row for name in p.study.datasets for row in parts(p, name, None)]
    yield f"then {sum(row['runs'] for row in rows)} runs of networks, counting none that is there:"
    yield from totals(p, rows)


def totals(p: Params, rows: list[dict]) -> Iterator[str]:
    """How long all of it takes, and how much memory, in words; nothing of data of which nothing is known."""
    device = chosen(p.run.device)
    minutes, count = sum(row[UNIT[device]] for row in rows), engine.workers(p.run.workers, device)
    if not any(row["runs"] for row in rows):
        return
    if device == "cpu":
        wall = f"{minutes / count:.1f} in {counted(count, 'process', 'processes')}"
        yield f"about {minutes:.1f} CPU-minutes of training, {wall}, within a factor of two"
    else:
        speed = f"{GPU / 1e12:.0f} TFLOP a second, which is assumed"
        yield f"about {minutes:.1f} minutes of training on a GPU that does {speed}"
    yield from filter(None, (beforehand.memory(p, name, count) for name in p.study.datasets))


def stale(own_files: list[str]) -> Stale:
    """Stages that `dvc repro` would run in this folder, upstream first. One after a stale stage runs
    if that one writes something else. own_files: what of the user's files has changed."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo
    from networkx import topological_sort

    try:
        repo = Repo()
        status, graph = repo.status(), repo.index.graph
    except DvcException as error:
        raise ValueError(f"dvc: {' '.join(str(error).split())}") from None
    found: Stale = {}
    for stage in reversed(list(topological_sort(graph))):
        if stage.always_changed:
            own = [f"{name} changed" for name in own_files]
        else:
            own = list(_reasons(status.get(stage.addressing, []), stage))
        before = [above.addressing for above in graph.successors(stage) if above.addressing in found]
        if own or before:
            found[stage.addressing] = some(own, 3) or f"after {some(sorted(before))}"
    return found


def _reasons(status: list, stage: Any) -> Iterator[str]:
    """What differs from the last run of a stage of DVC; status: what DVC says of it."""
    if not any(of.hash_info for of in stage.deps):
        yield "has not run yet"
        return
    sections = {str(of): of for of in stage.deps if hasattr(of, "params")}
    for entry in status:
        for kind, changed in ({entry: {}} if isinstance(entry, str) else entry).items():
            if not changed:
                yield kind
            for path, state in changed.items():
                said = ABSENT.get(state, state) if isinstance(state, str) else ""
                yield from [f"{path} {said}"] if said else _keys(sections[path], state)


def _keys(of: Any, changed: dict[str, str]) -> Iterator[str]:
    """Every key below the `changed` sections of a file of parameters whose value changed."""
    before, now = of.hash_info.value, of.read_params()
    for key in changed:
        yield from _changed(key, before.get(key), now.get(key))


def _changed(key: str, before: Any, after: Any) -> Iterator[str]:
    """Every key below `key` whose value changed."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in {**before, **after}:
            yield from _changed(f"{key}.{name}", before.get(name), after.get(name))
    elif before != after:
        yield f"{key} {_short(before)} -> {_short(after)}"


def _short(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 30 else f"{text[:27]}..."


def parts(p: Params, name: str, found: Stale | None) -> list[dict]:
    """A row per study of the data set `name`; found: stages that are out of date, None before there is any. Where
    data or noise are not made yet, all runs count as missing, planned on data of the same size."""
    of = _setting(p, name, found) if found is not None else None
    made = of is not None
    of = of or beforehand.stand_in(p, name)
    if of is None:
        return [_row(f"{name}: known once its data and noise are made", 0, [], 0, UNIT[chosen(p.run.device)])]
    plan = studies.of_setting(of)
    place, lacking = Place(places.store(p), p.run.checkpoint_seconds), set()
    if not made:
        lacking = set(plan.runs)
    elif f"train@{name}" in found:
        lacking = set(execute.missing(plan, place))
    asking, rows = owners(of, plan), []
    for study in dict.fromkeys(asking.values()):
        runs = [run for run in plan.runs if asking[run] == study]
        missing = [run for run in runs if run in lacking]
        minutes = sum(seconds(plan, run) for run in missing) / 60
        rows.append(_row(f"{name}: {study}", len(runs), missing, minutes, UNIT[of.device]))
    return rows


def _row(part: str, runs: int, missing: list[Run], minutes: float, unit: str) -> dict:
    names = [f"{name} {count}" for name, count in Counter(run.name for run in missing).most_common()]
    facts = {"part": part, "runs": runs, "to train": len(missing), unit: round(minutes, 1)}
    return facts | {"of which": some(names, 3)}


def owners(of: Setting, plan: Plan) -> dict[Run, str]:
    """The first study that asks for each run, or else that waits for it."""
    found: dict[Run, str] = {}
    for name, study in studies.STUDIES.items():
        for run in study.runs(of):
            found.setdefault(run, name)
    pending = list(found)
    for run in pending:  # which grows: what is waited for may wait itself
        more = [needed for needed in plan.requires(run) if needed not in found]
        found |= dict.fromkeys(more, found[run])
        pending += more
    return found


def seconds(plan: Plan, run: Run) -> float:
    """About how many seconds a run takes, of a core or a GPU."""
    size, own = execute.size(plan, run), plan.data[run.data].training
    networks = METHODS[run.method](**dict(run.section)).networks_per_run
    if own.device == "cuda":
        of_image = PASSES * programs.demanded(own, run).flops / GPU
    else:
        of_image = _of_image(own.images.pixels.shape[1:], *programs.network(own, run))
    return networks * size.epochs * size.images * of_image


def _of_image(shape: tuple[int, ...], kind: str, section: dict[str, Any]) -> float:
    """CPU-seconds of a network of that type on an image of that shape."""
    if kind == "small_cnn":
        return SMALL_CNN_PIXEL * math.prod(shape[1:])
    if kind != "mlp":
        takes = demand.of(kind, section, shape, 2)
        return OPERATION * takes.flops + KEPT * takes.kept
    sizes = [math.prod(shape), *section["hidden"]]
    return MLP_IMAGE + MLP_WEIGHT * sum(a * b for a, b in pairwise(sizes))


def _setting(p: Params, name: str, found: Stale) -> Setting | None:
    """With what earlier stages wrote, or the same made in memory where that is out of date; None where it takes
    long. What the detect stage will say is not known before: runs on its labels then count as missing."""
    at = artifacts.of(name)
    dataset = _dataset(p, name, _current("download", name, at.images, found))
    if dataset is None:
        return None
    drawn = _columns(p, name, dataset, _current("noise", name, at.noise, found))
    if drawn is None:
        return None
    wanted = p.datasets[name].inputs
    if wanted and not _current("features", name, at.features, found):
        return None
    detected = drawn._asdict() | {"p_low": np.zeros(drawn.labels.shape)}
    if _detected(name, drawn, found):
        detected = files.load_arrays(at.detect)
    seen = inputs.of(dataset, wanted, files.load_arrays(at.features) if wanted else {})
    return setting.make(p, name, seen, drawn, detected)


def _detected(name: str, drawn: NoisyLabels, found: Stale) -> bool:
    """Whether the detect stage will not run; or for the same labels, if all that changed is what draws them."""
    at = artifacts.of(name)
    if found.get(f"detect@{name}") == f"after noise@{name}" and at.noise.exists():
        kept, new = _by_column(noisy_labels.load(at.noise)), _by_column(drawn)
        return at.detect.exists() and all(np.array_equal(kept.get(key), labels) for key, labels in new.items())
    return _current("detect", name, at.detect, found)


def _by_column(of: NoisyLabels) -> dict[tuple, np.ndarray]:
    return dict(zip(zip(of.noise.tolist(), of.noise_rate.tolist(), of.seed.tolist()), of.labels, strict=True))


def _current(stage: str, name: str, path: Path, found: Stale) -> bool:
    return f"{stage}@{name}" not in found and path.exists()


def _dataset(p: Params, name: str, current: bool) -> Dataset | None:
    if current:
        return npz.read(artifacts.of(name).images)
    section = p.datasets[name].data
    return data.load(name, section, p.download) if (section.source or name) in EMBEDDED else None


def _columns(p: Params, name: str, dataset: Dataset, current: bool) -> NoisyLabels | None:
    if current:
        return noisy_labels.load(artifacts.of(name).noise)
    if name in p.recheck.answers:
        return None
    section, drawn = p.datasets[name], planned.noise_cells(p, name)
    also = [planned.cells(of.cells) for of in (p.recheck.retrain, section.bootstrap)]
    trained = {*planned.trained_cells(p, name), *also[0], *also[1]}  # in others label errors are looked for alone
    cells = {cell: seeds for cell, seeds in drawn.items() if cell in trained}
    return grid.draw_all(name, dataset, cells, section.data.folds, p.noise)[0]

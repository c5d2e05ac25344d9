"""`labelnoise run`: methods in noise cells, trained for themselves, and a table of their accuracies.

What is trained is what the study trains, stack by stack, so that the two share the store of runs. Seeds count from
0, where those of development are: values may be chosen by what comes out.
"""

import sys
from contextlib import redirect_stdout, suppress
from types import SimpleNamespace
from typing import Any

import pandas as pd
import yaml
from threadpoolctl import threadpool_limits

from labelnoise import data, features, files, params, places, planned
from labelnoise.commands import words
from labelnoise.data.words import counted
from labelnoise.methods import METHODS
from labelnoise.noise import NOISES, grid
from labelnoise.params import Params
from labelnoise.runs import diverged, estimates, execute, inputs, programs, results
from labelnoise.runs.data import CLEAN, MAIN
from labelnoise.runs.plan import Plan, complete
from labelnoise.runs.results import Selection
from labelnoise.runs.run import Run
from labelnoise.sections.fit import check_section
from labelnoise.studies import contrasts, setting
from labelnoise.studies.accuracy import runs as accuracy
from labelnoise.studies.alternatives import runs as alternatives
from labelnoise.studies.setting import Setting
from labelnoise.train import engine
from labelnoise.train.program import Place
from labelnoise.types import Dataset

Cells = dict[tuple[str, float], range]  # (noise, nominal rate) -> seeds
CELL = ["network", "noise", "noise_rate", "method"]


@threadpool_limits.wrap(limits=1)  # as in stages: else labels and estimates would round differently
def run(args: SimpleNamespace) -> None:
    if args.out:
        words.check_out(args)
    names = list(dict.fromkeys([estimates.FIRST, *args.method]))
    p, dataset = chosen(args, names)
    seeds = args.seeds or p.study.seeds
    of = made(p, dataset, cells(args.noise, seeds))
    with redirect_stdout(sys.stderr):
        asked = [run for name in names for run in _asked(of, name, seeds)]
        place = Place(places.store(p), p.run.checkpoint_seconds, p.run.scheduler)
        plan = beside(of, asked)
        done = execute.train(plan, place, engine.workers(args.workers or p.run.workers, of.device), "train")
        found = results.of({run: done[run] for run in asked}, place.store)
        diverged.warn(dataset, found)
    rows = scores(of, found).assign(method=lambda table: table["method"].map(labels(args, p, names)))
    if args.out:
        files.write_text(args.out, rows.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
    print(words.table(summary(rows)))
    over = counted(seeds, "seed", "seeds")
    print(f"mean ± standard deviation over {over}; fitted wrong: share of the wrong labels, at the last epoch")
    if of.main.reference.name != CLEAN:
        print("test images are judged by their labels as given, of which some are wrong")
    if dataset in p.recheck.answers:
        print(f"labels are as they were before the answers in recheck.answers.{dataset}; the study has both")


def chosen(args: SimpleNamespace, names: list[str]) -> tuple[Params, str]:
    """params.yaml with what the command line changes of it, and the data set."""
    p = params.load()
    dataset = args.dataset or p.study.datasets[0]
    words.check_name("--dataset", dataset, p.datasets)
    section = p.datasets[dataset]
    p = p.model_copy(update={"methods": p.methods | _rows(names)})
    if args.network:
        words.check_name("--network", args.network, p.networks)
        section = section.model_copy(update={"networks": [args.network]})
    if args.epochs:
        training = section.training.model_copy(update={"epochs": args.epochs})
        section = section.model_copy(update={"training": training})
    rows = with_values(p, names, values(args.set_ or []))
    p = p.model_copy(update={"methods": rows, "datasets": p.datasets | {dataset: section}})
    for name in names:
        method, own = params.resolved(p, name)
        check_section(METHODS[method], own, f"--method {name}")
    return p, dataset


def _rows(names: list[str]) -> dict[str, dict[str, Any]]:
    """The rows of `methods`, whether or not study.methods has them, each with what it has from another one."""
    every = SimpleNamespace(methods=params.read("params.yaml")["methods"])
    for name in names:
        words.check_name("--method", name, every.methods)
    return {name: params.resolved(every, name)[1] | every.methods[name] for name in names}


def values(said: list[str]) -> dict[str, Any]:
    """Hyper-parameters of `--set`, each as NAME=VALUE."""
    return dict(_value(word) for word in said)


def _value(word: str) -> tuple[str, Any]:
    name, equals, text = word.partition("=")
    if not (name and equals and text):
        raise ValueError(f"--set {word}: allowed: NAME=VALUE, as q=0.5")
    value = yaml.safe_load(text)
    if isinstance(value, str):
        with suppress(ValueError):  # YAML takes 1e-3 for text
            value = float(value)
    return name, value


def with_values(p: Params, names: list[str], own: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The rows of `methods`, those of `names` with the hyper-parameters `own` that they have."""
    known = {name: params.resolved(p, name)[1] for name in names}
    for key in own:
        words.check_name("--set", key, {key for section in known.values() for key in section})
    changed = {name: {key: own[key] for key in own if key in section} for name, section in known.items()}
    return p.methods | {name: p.methods[name] | values for name, values in changed.items()}


def cells(said: list[str], seeds: int) -> Cells:
    """Noise cells of `--noise`, each as NAME:RATE; none, and labels from people, need no rate."""
    return {_cell(word): range(seeds) for word in said}


def _cell(word: str) -> tuple[str, float]:
    noise, _, rate = word.partition(":")
    needed = noise in NOISES and noise != "none"
    try:
        return noise, float(rate if rate or needed else 0)
    except ValueError:
        raise ValueError(f"--noise {word}: allowed: NAME:RATE, as symmetric:0.4") from None


def made(p: Params, name: str, wanted: Cells) -> Setting:
    """The data set with the columns of these cells, drawn as the noise stage does, and as many seeds."""
    section, studied = p.datasets[name], planned.trained_cells(p, name)
    dataset = data.load(name, section.data, p.download)
    own = {*planned.seeds(p, p.study.seeds), *planned.development(p)}  # which may say when a run stops
    several = {cell: sorted({*seeds, *own, *studied.get(cell, [])}) for cell, seeds in wanted.items()}
    try:
        columns, _ = grid.draw_all(name, dataset, several, section.data.folds, p.noise)
    except ValueError as error:
        raise ValueError(str(error).replace(f"datasets.{name}.noises.", "--noise ")) from None
    return setting.make(p, name, _seen(p, name, dataset), columns, {})


def _seen(p: Params, name: str, dataset: Dataset) -> Dataset:
    """With what networks see, as the features stage makes it."""
    section = p.datasets[name]
    if section.inputs is None:
        return dataset
    own = [of for of in section.features if of.encoder == section.inputs]
    machine = features.machine(p.run, p.download.cache)
    alone = section.model_copy(update={"features": own})
    return inputs.of(dataset, section.inputs, features.of_dataset(dataset, name, alone, machine, words.tell))


def _asked(of: Setting, name: str, seeds: int) -> list[Run]:
    runs = setting.of_method(of, name, [cell for cell in setting.cells(of) if cell.seed < seeds])
    if not runs:
        raise ValueError(f"--method {name}: is told the truth, of which {of.name} has a part; allowed: others")
    return runs


def beside(of: Setting, asked: list[Run]) -> Plan:
    """What was asked for and what it waits for, each with all that the study must train beside it."""
    study = [*accuracy.runs(of), *contrasts.runs(of), *alternatives.runs(of)]
    plan = Plan(of.params, asked, {MAIN: of.main}, estimates.SOURCES, {})
    units = programs.units(plan, complete(plan._replace(runs=[*asked, *study])).runs)
    whole = complete(plan._replace(runs=_with_units(asked, units)))
    return whole._replace(runs=_with_units(whole.runs, units))


def _with_units(runs: list[Run], units: list[list[Run]]) -> list[Run]:
    wanted = set(runs)
    return [run for unit in units if not wanted.isdisjoint(unit) for run in unit]


def scores(of: Setting, done: Selection) -> pd.DataFrame:
    """A row per run and selection; epochs count from 1, through all rounds of a method that has several. Wrong
    labels are counted at the last epoch alone: training images are not evaluated at every one."""
    names, rows = ("history_test_accuracy", "history_fitted_wrong", "best_noisy_val_epoch"), []
    for key, run in done.each(*names):
        test, fitted, best = (run[name] for name in names)
        for selection, epoch in {"last": len(test) - 1, "best_noisy_val": int(best)}.items():
            facts = {"method": key.name, "selection": selection, "epoch": epoch + 1}
            accuracy = float(test[epoch]) if epoch >= 0 else float("nan")
            wrong = float(fitted[-1]) if selection == "last" else float("nan")
            rows.append(setting.key(of, key) | facts | {"test_accuracy": accuracy, "fitted_wrong": wrong})
    return pd.DataFrame(rows)


def labels(args: SimpleNamespace, p: Params, names: list[str]) -> dict[str, str]:
    """How every method is called: with what `--set` changed of it."""
    own = values(args.set_ or [])
    sections = {name: params.resolved(p, name)[1] for name in names}
    return {n: " ".join([n, *(f"{key}={own[key]}" for key in own if key in sections[n])]) for n in names}


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """A row per network, noise cell and method, in the order of `rows`."""
    wide = rows.pivot(index=[*CELL, "seed"], columns="selection", values=["test_accuracy", "fitted_wrong"])
    columns = {
        "last": wide["test_accuracy", "last"],
        "best_noisy_val": wide["test_accuracy", "best_noisy_val"],
        "fitted wrong": wide["fitted_wrong", "last"],
    }
    by_cell = pd.DataFrame(columns).groupby(level=CELL)
    order = rows.drop_duplicates(CELL).set_index(CELL).index
    return by_cell.agg(_spread).reindex(order).reset_index()


def _spread(values: pd.Series) -> str:
    """Mean ± standard deviation of finite values."""
    known = values.dropna()
    if known.empty:
        return "-"
    return f"{known.mean():.3f}" + (f" ± {known.std():.3f}" if len(known) > 1 else "")

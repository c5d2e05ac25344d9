"""Trains a plan in waves: what waits for nothing, then what needs estimates from it, with one bar over all."""

import sys
from importlib.util import find_spec

from labelnoise.runs import programs
from labelnoise.runs.plan import Places, Plan
from labelnoise.runs.run import Run
from labelnoise.train import engine, progress, store
from labelnoise.train.program import Place, Program, key


def train(plan: Plan, place: Place, processes: int, title: str) -> Places:
    """Train what the store does not hold; where every run of the plan is then."""
    if find_spec("numba") is None:
        print("numba is not installed: torch alone trains all networks, several times slower", file=sys.stderr)
    done: Places = {}
    pending = plan.runs
    while pending:
        now, pending = _next(plan, pending, done)
        if not now:
            raise ValueError(f"{pending[0]}: waits for a run that is not planned")
        made = programs.of(plan, now, done, place.store)
        lacking = _lacking(plan, made, place, keep=False)
        stacks, there = programs.stacks(plan, made, lacking), made.keys() - set(lacking)
        later = _missing(plan, pending, done | {run: key(made[run]) for run in there}, place) if stacks else []
        engine.fill(stacks, place, processes, title, [size(plan, run) for run in later])
        done |= {run: key(program) for run, program in made.items()}
    store.sweep(place.store)
    return done


def missing(plan: Plan, place: Place) -> list[Run]:
    """Runs that the store does not hold, as far as that can be told before training: what waits for a missing run
    counts as missing."""
    return _missing(plan, plan.runs, {}, place)


def _missing(plan: Plan, pending: list[Run], done: Places, place: Place) -> list[Run]:
    """Of `pending`, where the runs `done` are in the store."""
    lacking, done = [], dict(done)
    while pending:
        now, pending = _next(plan, pending, done)
        if not now:
            return lacking + pending
        made = programs.of(plan, now, done, place.store)
        absent = _lacking(plan, made, place, keep=True)
        lacking += absent
        done |= {run: key(made[run]) for run in made.keys() - set(absent)}
    return lacking


def _next(plan: Plan, pending: list[Run], done: Places) -> tuple[list[Run], list[Run]]:
    """Runs that wait for nothing more, and the others."""
    ready = {run for run in pending if all(need in done for need in plan.requires(run))}
    return [run for run in pending if run in ready], [run for run in pending if run not in ready]


def _lacking(plan: Plan, made: dict[Run, Program], place: Place, keep: bool) -> list[Run]:
    """Runs without a sound entry, and those that are trained in one stack with them whatever happens."""
    absent = {run for run, one in made.items() if not store.sound(place.store, key(one), keep=keep)}
    return [run for unit in programs.units(plan, made) if not absent.isdisjoint(unit) for run in unit]


def size(plan: Plan, run: Run) -> progress.Part:
    """Of a run, also of one that cannot be named yet."""
    own = plan.data[run.data].training
    epochs = programs.settings(own, run)["epochs"] * engine.rounds(run.method, dict(run.section))
    return progress.Part("", 1, epochs, own.smallest_pool)

"""Trains a plan in waves: what waits for nothing, then what needs estimates from it, with one bar over all."""

from typing import NamedTuple

from labelnoise.runs import programs
from labelnoise.runs.plan import Places, Plan
from labelnoise.runs.run import Run
from labelnoise.train import engine, progress, store
from labelnoise.train.engine import Job
from labelnoise.train.program import Place, key


class Ready(NamedTuple):
    """A stack whose estimates are known, so that it can be trained."""

    stack: list[Run]
    job: Job


def train(plan: Plan, place: Place, processes: int, title: str) -> Places:
    """Train what the store does not hold; where every run of the plan is then."""
    done: Places = {}
    pending = programs.stacks(plan.runs)
    while pending:
        ready, pending = _next(plan, pending, done, place)
        if not ready:
            raise ValueError(f"{pending[0][0]}: waits for a run that is not planned")
        later = [size(plan, stack) for stack in pending]
        engine.fill([each.job for each in ready], place, processes, title, later)
        done |= _places(ready)
    return done


def missing(plan: Plan, place: Place) -> list[list[Run]]:
    """Stacks that the store does not hold, as far as that can be told before training: what waits for a missing
    run counts as missing."""
    done: Places = {}
    lacking, pending = [], programs.stacks(plan.runs)
    while pending:
        ready, pending = _next(plan, pending, done, place)
        if not ready:
            return lacking + pending
        there = [each for each in ready if store.sound(place.store, key(each.job.program), keep=True)]
        lacking += [each.stack for each in ready if each not in there]
        done |= _places(there)
    return lacking


def _next(plan: Plan, pending: list[list[Run]], done: Places, place: Place) -> tuple[list[Ready], list[list[Run]]]:
    """Stacks that wait for nothing more, and the others."""
    now = [stack for stack in pending if all(need in done for run in stack for need in plan.requires(run))]
    ready = [Ready(stack, _job(plan, stack, done, place)) for stack in now]
    return ready, [stack for stack in pending if stack not in now]


def _job(plan: Plan, stack: list[Run], done: Places, place: Place) -> Job:
    run = stack[0]
    probe = plan.probes.get((run.data, run.network), {})
    return programs.job(stack, plan.data[run.data], plan.estimates(stack, done, place.store), probe)


def _places(ready: list[Ready]) -> Places:
    named = [(each.stack, key(each.job.program)) for each in ready]
    return {run: (name, row) for stack, name in named for row, run in enumerate(stack)}


def size(plan: Plan, stack: list[Run]) -> progress.Part:
    """Of a stack, also of one that cannot be named yet."""
    run, own = stack[0], plan.data[stack[0].data].training
    epochs = (own.training | dict(run.settings))["epochs"] * engine.rounds(run.method, dict(run.section))
    return progress.Part("", len(stack), epochs, own.smallest_pool)

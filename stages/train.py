"""Train every run of the plan: all methods, networks and noises of all studies, in one pool of processes."""

import checkout  # first: the code of this checkout, whatever is installed

from labelnoise import artifacts, params, places, stage
from labelnoise.methods import METHODS
from labelnoise.runs import diverged, execute, results
from labelnoise.studies import plan, setting
from labelnoise.train import engine
from labelnoise.train.program import Place


def main() -> None:
    name = artifacts.asked(__doc__)
    p, at = params.load(methods=METHODS), artifacts.of(name)
    of = setting.load(p, name)
    everything = plan.of_setting(of)
    place = Place(places.store(p), p.run.checkpoint_seconds, p.run.scheduler)
    done = execute.train(everything, place, engine.workers(p.run.workers, of.device), f"train {name}")
    diverged.warn(name, results.of(done, place.store))
    results.write(done, place.store, at.trained)


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()

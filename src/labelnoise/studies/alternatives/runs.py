"""The networks that the alternatives need: plain cross-entropy of every cell, watched while it trains, and its
folds; of few cells bags and full runs with planted labels.
"""

from labelnoise import planned
from labelnoise.runs import estimates
from labelnoise.runs.run import BAG, PLANTED, Examples, Run, settings
from labelnoise.studies import setting
from labelnoise.studies.setting import Setting
from labelnoise.train.program import DYNAMICS
from labelnoise.train.types import EVERY, LAST


def runs(of: Setting) -> list[Run]:
    """In the order in which tables read them."""
    made = []
    for cell in setting.trained(of):
        made += [estimates.first(of.params, cell), *estimates.folds(of.params, cell)]
    for cell in bagged(of):
        made += [*bags(of, cell), *planted(of, cell)]
    return made


def bagged(of: Setting) -> list[Run]:
    """The cells of which bags, and full runs with planted labels, are trained."""
    plan = of.params.datasets[of.name].bootstrap
    cells, seeds = setting.cells(of), planned.seeds(of.params, plan.seeds)
    return [c for c in cells if c.seed in seeds and c.noise_rate in plan.cells.get(c.noise, [])]


def bags(of: Setting, cell: Run) -> list[Run]:
    """All images with a label, drawn with replacement; nothing is looked at before the last epoch."""
    plan = of.params.datasets[of.name].bootstrap
    run = _beside(of, cell, plan.epochs, LAST)
    return [run._replace(examples=Examples(BAG, k, plan.bags)) for k in range(plan.bags)]


def planted(of: Setting, cell: Run) -> list[Run]:
    """All images with a label, of which each run makes its own share of labels wrong."""
    plan = of.params.datasets[of.name].bootstrap.full
    run = _beside(of, cell, plan.epochs, EVERY)._replace(watch=DYNAMICS)
    return [run._replace(examples=Examples(PLANTED, k, plan.runs, plan.planted)) for k in range(plan.runs)]


def _beside(of: Setting, cell: Run, epochs: int, evaluate: str) -> Run:
    plan = of.params.datasets[of.name].bootstrap
    own = {name: getattr(plan, name) for name in ("batch_size", "lr", "weight_decay")}
    return cell._replace(
        name=estimates.FIRST,
        method=estimates.FIRST,
        settings=settings(own | {"epochs": epochs, "evaluate": evaluate}),
    )

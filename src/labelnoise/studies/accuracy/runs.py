"""Every method of the full grid, in every cell of the main study."""

from labelnoise import params
from labelnoise.runs.run import Run
from labelnoise.studies import setting
from labelnoise.studies.setting import Setting


def runs(of: Setting) -> list[Run]:
    """Oracles are left out where not every clean label is known."""
    cells = setting.grid(of)
    return [run for name in params.grid_names(of.params) for run in setting.of_method(of, name, cells)]

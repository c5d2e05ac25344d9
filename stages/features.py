"""Numbers in which images that look alike lie close; and what they show: copies, classes that look like one."""

import checkout  # first: the code of this checkout, whatever is installed

from labelnoise import artifacts, features, files, params, results, stage
from labelnoise.data import npz
from labelnoise.inspection import study


def main() -> None:
    name, p = artifacts.asked(__doc__), params.load()
    paths = artifacts.of(name)
    dataset = npz.read(paths.images)
    machine = features.machine(p.run, p.download.cache)
    encoded = features.of_dataset(dataset, name, p.datasets[name], machine)
    if dataset.pred_probs is not None:
        encoded["pred_probs"] = dataset.pred_probs
    files.save_arrays(paths.features, encoded)
    inspected = study.inspect(dataset, files.load_arrays(paths.features))  # laid out as later stages read them
    for table, rows in inspected.tables.items():
        results.write(table, rows, paths.tables)
    files.save_arrays(paths.groups, inspected.arrays)


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()

"""Whether the study's intervals hold the truth, where it is known, drawn from, or made up. Trains nothing."""

import checkout  # first: the code of this checkout, whatever is installed

from labelnoise import artifacts, params, results, stage
from labelnoise.coverage import table


def main() -> None:
    name, p = artifacts.asked(__doc__), params.load()
    folder = artifacts.of(name).tables
    tables = {needed: results.read(needed, folder) for needed in table.NEEDED}
    results.write("coverage", table.made(tables, p.evaluate.level), folder)


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()

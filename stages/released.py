"""What a paper released, evaluated as it is: rules, scores and published values beside them. Trains nothing."""

import checkout  # first: the code of this checkout, whatever is installed

from labelnoise import artifacts, params, results, stage
from labelnoise.papers import published
from labelnoise.released import files as authors_files
from labelnoise.released import findings, northcutt2021


def main() -> None:
    name, p = artifacts.asked(__doc__), params.load()
    own, folder = p.released[name], artifacts.of(name).tables
    released = authors_files.load(own.file, own.sha256, p.download)
    made = northcutt2021.tables(released, published.read(), p.detect.floor, p.evaluate.level)
    for table, rows in made.items():
        results.write(table, rows, folder)
    print(findings.sentences(made["released_agreement"], made["released_rivals"]))


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()

"""Published values beside the study's, and how many agree. Trains nothing."""

import checkout  # first: the code of this checkout, whatever is installed

from labelnoise import artifacts, params, results, stage
from labelnoise.papers import beside, ours, published


def main() -> None:
    name, p = artifacts.asked(__doc__), params.load()
    folder, section, plan = artifacts.of(name).tables, p.datasets[name], p.memorization
    facts = ours.Facts(
        training=section.training.model_dump(),
        inputs=section.inputs,
        methods=p.methods,
        sparsity=p.noise.class_dependent.sparsity,
        fitting=dict(plan.epochs),
        images=plan.images,
        level=p.evaluate.level,
    )
    published.check(name, section.papers)
    stands_in = section.papers is not None
    there = published.read()
    there = there[there["dataset"].isin(published.names(name, section.papers, section.data.source is not None))]
    here = ours.rows({needed: results.read(needed, folder) for needed in ours.NEEDED}, facts)
    found = beside.table(there, here, p.papers.tolerance.model_dump(), stands_in)
    results.write("papers", found, folder)
    results.write("papers_agreement", beside.counted(there, found, stands_in), folder)


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()

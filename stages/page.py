"""Stage `page`: the page of one data set, its parts of the overview and the summary, and its metrics and plots."""

import json

import checkout  # first: the code of this checkout, whatever is installed

from labelnoise import artifacts, params, stage
from labelnoise.report import metrics, render


def main() -> None:
    dataset = artifacts.asked(__doc__)
    p, paths = params.load(), artifacts.of(dataset)
    sections = {
        "datasets": {dataset: p.datasets[dataset].model_dump()},
        "detect": {"obvious": p.detect.obvious, "possible": p.detect.possible},
        "evaluate": p.evaluate.model_dump(),
        "methods": params.grid_names(p),
        "variants": {name: params.resolved(p, name)[0] for name in params.claim_only_names(p)},
        "recheck": p.recheck.cell.model_dump(),
        "report": p.report.model_dump(),
    }
    drawn = json.loads(paths.drawn.read_text("utf-8"))
    render.page(artifacts.REPORTS, dataset, sections, drawn, paths.page_parts)
    metrics.write(paths.tables, p.report.noise, p.report.noise_rate, paths.metrics, paths.plots)


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()

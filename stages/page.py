"""Stage `page`: the pages of one data set, its parts of overview and summary, and its metrics and plots."""

import json
from pathlib import Path

import checkout  # first: the code of this checkout, whatever is installed
import yaml

from labelnoise import artifacts, files, params, places, stage
from labelnoise.report import dictionary, metrics, render


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
    # no dep of this stage: DVC takes its own file for none
    stages = yaml.safe_load(Path("dvc.yaml").read_text("utf-8"))["stages"]
    known = render.Known(stages, paths.images, (places.project() / artifacts.COPY).exists())
    render.page(artifacts.REPORTS, dataset, sections, drawn, paths.page_parts, known)
    files.write_text(paths.package, dictionary.package(dataset, paths.reports))
    metrics.write(paths.tables, p.report.noise, p.report.noise_rate, paths.metrics, paths.plots)


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()

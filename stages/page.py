"""Write the page of one data set, and its parts of the overview and of the summary."""

import argparse
from pathlib import Path

from labelnoise import params, stage
from labelnoise.report import render


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--reports", required=True, type=Path, help="folder with a folder per data set")
    parser.add_argument("--out", required=True, type=Path, help="parts to write, without .html, .md and .json")
    args = parser.parse_args()
    p = params.load()
    sections = {
        "datasets": {args.dataset: p.datasets[args.dataset].model_dump()},
        "detect": {"obvious": p.detect.obvious, "possible": p.detect.possible},
        "evaluate": p.evaluate.model_dump(),
        "methods": list(p.methods),
        "variants": {name: section["method"] for name, section in p.variants.items()},
        "recheck": p.recheck.cell.model_dump(),
        "report": p.report.model_dump(),
    }
    render.page(args.reports, args.dataset, sections, args.out)


if __name__ == "__main__":
    with stage.running():
        main()

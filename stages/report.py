"""Put the report together: an overview, a summary and a list by method of all data sets of the study."""

import argparse
from pathlib import Path

from labelnoise import params, stage
from labelnoise.report import render


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", required=True, type=Path, help="folder of the page stage's parts")
    parser.add_argument("--out", required=True, type=Path, help="the HTML overview")
    parser.add_argument("--summary", required=True, type=Path, help="the Markdown summary")
    parser.add_argument("--methods", required=True, type=Path, help="the Markdown list of results by method")
    args = parser.parse_args()
    render.write(args.pages, params.load().study.datasets, args.out, args.summary, args.methods)


if __name__ == "__main__":
    with stage.running():
        main()

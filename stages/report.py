"""Stage `report`: an overview, a summary and a list of results by method, of all data sets of the study; and pages
to look words and columns up in."""

import checkout  # first: the code of this checkout, whatever is installed

from labelnoise import artifacts, params, stage
from labelnoise.report import reference, render


def main() -> None:
    written = [artifacts.REPORTS / name for name in ("index.html", "summary.md", "methods.md")]
    render.write(artifacts.PAGES, params.load().study.datasets, *written)
    reference.write(artifacts.REPORTS / "glossary.html", artifacts.REPORTS / "columns.html")


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()

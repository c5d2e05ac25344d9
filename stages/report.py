"""Stage `report`: an overview, a summary and a list of results by method, of all data sets of the study; pages
to look words and columns up in; and the findings in README.md, of the first data set."""

import checkout  # first: the code of this checkout, whatever is installed

from labelnoise import artifacts, params, stage
from labelnoise.report import readme, reference, render


def main() -> None:
    written = [artifacts.REPORTS / name for name in ("index.html", "summary.md", "methods.md")]
    names = params.load().study.datasets
    render.write(artifacts.PAGES, names, *written)
    reference.write(artifacts.REPORTS / "glossary.html", artifacts.REPORTS / "columns.html")
    readme.write(artifacts.PAGES / f"{names[0]}.json", readme.README)


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()

"""The paragraph of findings in README.md: written by the stage `report`, held against the tables by
`labelnoise verify`."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from labelnoise import files, words
from labelnoise.figures import cells
from labelnoise.report import answers, marks, metrics, tally

README, MARK = Path("README.md"), "findings"
# Each with its numbers of report.metrics; it is left out where one of them is not known.
SENTENCES = [
    "On {dataset} with *{cell}* noise, cross-entropy ends at {accuracy_report_cell[cross_entropy_last]:.1%} test"
    " accuracy; stopped early on noisy labels, at {accuracy_report_cell[cross_entropy_early]:.1%}; the best method"
    " that is not told the truth, at {accuracy_report_cell[best_method_last]:.1%} (the highest of many, which"
    " flatters it).",
    "On average over the cells with wrong labels, here each alike, cross-entropy has"
    " {accuracy_noisy_cells[cross_entropy_last]:.1%}, stopped early"
    " {accuracy_noisy_cells[cross_entropy_early]:.1%}.",
    "The list of suspect labels, for which no network is trained, has an average precision of"
    " {wrong_labels[auprc]:.2f}, where 1 is perfect.",
    "Of the labels that it calls obvious errors, {wrong_labels[obvious_precision]:.1%} are wrong; they are"
    " {wrong_labels[obvious_recall]:.0%} of all errors.",
    "Its first {recheck[labels_to_find_four_fifths]:.0%} hold four fifths of the errors, on average.",
]  # fmt: skip


def findings(tables: dict[str, pd.DataFrame], dataset: str, noise: str, rate: float, level: float) -> str:
    """A paragraph about what came out, from tables that have rows. noise, rate: the noise cell that the report
    dwells on, where it has runs; level: of intervals."""
    noise, rate = cells.chosen(tables["intervals"], noise, rate)
    of_note = tally.of_note(tables["statements"]) if "statements" in tables else ""
    best = answers.unknown(tables, level)
    return paragraph(metrics.of(tables, noise, rate), best, of_note, dataset, noise, rate)


def paragraph(
    numbers: dict[str, dict[str, Any]], unknown: answers.Answer | None, of_note: str, dataset: str, noise: str,
    rate: float,
) -> str:  # fmt: skip
    """numbers: groups of report.metrics; unknown: which method to take if the noise is not known; of_note: what
    came of the note."""
    known = {"dataset": words.name(dataset), "cell": words.cell_name(noise, rate), **numbers}
    accuracy, *others = [_filled(sentence, known) for sentence in SENTENCES]
    best = f"If the noise is not known: {unknown.answer}. {' '.join(unknown.lines[:2])}" if unknown else ""
    return " ".join(text for text in (accuracy, best, *others, of_note) if text)


def _filled(sentence: str, known: dict[str, Any]) -> str:
    try:
        return sentence.format_map(known)
    except KeyError:
        return ""


def write(told: Path, readme: Path) -> None:
    """Put the paragraph of one data set into README.md; told: what the stage `page` left of it, as JSON. A file
    that is not there (in a preset's folder), or has no marks, is left as it is."""
    if readme.exists() and said(text := readme.read_text("utf-8")) is not None:
        paragraph = json.loads(told.read_text("utf-8"))[MARK]
        files.write_text(readme, marks.between(text, MARK, paragraph))


def said(text: str) -> str | None:
    """The paragraph in README.md; None without its marks."""
    return marks.inside(text, MARK)

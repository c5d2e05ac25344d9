"""All that the pages tell of one data set: answers, findings, parts, and what was run."""

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from labelnoise import words
from labelnoise.report import (
    accuracy,
    answers,
    audit,
    audit_study,
    detection,
    evidence,
    findings,
    gate,
    layout,
    noise_kind,
    numbers,
    parts,
    recheck,
    runs,
)

FIRST = ("unknown", "budget", "papers", "note")  # answers, in the page's order; all others follow


class Section(NamedTuple):
    """One data set in the report."""

    name: str
    study: dict[str, Any]
    answers: list[answers.Answer]
    findings: list[str]
    parts: list[parts.Part]
    matrices: list[dict]
    diverged: layout.Table | None
    links: list[tuple[str, str]]
    listed: str  # noise cell and seed of the labels that people get a list of


def make(
    folder: Path, name: str, params: dict[str, Any], drawn: dict[str, str], tables: dict[str, pd.DataFrame]
) -> Section:
    methods, dwelt = list(params["methods"]), (params["report"]["noise"], params["report"]["noise_rate"])
    recheck_ = params["recheck"]
    listed = gate.listed(tables["gate"], **recheck_) if len(tables.get("gate", [])) else None
    source = (recheck_["noise"], recheck_["noise_rate"])
    shown = parts.shown_by_gate(tables)
    return Section(
        name=name,
        study=_study(tables, name, params),
        answers=sorted(answers.of(tables, listed, params["evaluate"]["level"]), key=_place),
        findings=[
            *detection.sentences(tables),
            *(noise_kind.coverage(shown["noise_rate"]) if "noise_rate" in shown else []),
            *recheck.sentences(shown),
            *audit.sentences(shown, params["evaluate"]["level"]),
            *audit_study.sentences(shown, params["evaluate"]["level"]),
            *findings.sentences(tables, methods, *dwelt),
        ],
        parts=parts.make(
            tables,
            methods,
            params["evaluate"]["level"],
            folder,
            parts.Wanted(dwelt, source, params["detect"], drawn),
        ),
        matrices=evidence.matrices(tables["ledger"]),
        diverged=runs.diverged(tables["accuracy"]),
        links=recheck.links(folder),
        listed="" if listed is None else gate.run_name(listed),
    )


def _place(answer: answers.Answer) -> int:
    return FIRST.index(answer.key) if answer.key in FIRST else len(FIRST)


def _study(tables: dict[str, pd.DataFrame], name: str, params: dict[str, Any]) -> dict[str, str]:
    """What was run: term and value."""
    section, evaluate = params["datasets"][name], params["evaluate"]
    training = {key.replace("_", " "): _value(value) for key, value in section["training"].items()}
    seeds = tables["accuracy"]["seed"].nunique()
    return {
        "data set": name.replace("_", " "),
        "network": ", ".join(sorted(tables["accuracy"]["network"].unique())),
        "seeds": f"{seeds}; a seed fixes fold, noise draw, initial weights and batch order",
        "bootstrap": _bootstrap(section["bootstrap"]),
        "training": ", ".join(f"{key} {value}" for key, value in training.items()),
        "test folds": str(section["data"]["folds"]),
        "validation share": f"{section['validation_fraction']:g} of the training part, with noisy labels",
        "intervals": f"{evaluate['level']:.0%}, t over seeds; of ECE {evaluate['resamples']} resamples of images",
        "methods": _methods([name for name in params["methods"] if name in set(tables["accuracy"]["method"])]),
    } | _noisy_words(tables["accuracy"])


def _noisy_words(table: pd.DataFrame) -> dict[str, str]:
    """Where accuracy is not what it is elsewhere."""
    return (
        {"test labels": "held-out noisy labels; no clean label is known"}
        if accuracy.judged_by_noise(table)
        else {}
    )


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _methods(methods: list[str]) -> str:
    """How many, and which, by family."""
    listed = [
        f"{family.title}: {', '.join(words.name(name) for name in names)}"
        for family, names in words.grouped(methods)
    ]
    return f"{len(methods)}. {'; '.join(listed)}"


def _bootstrap(section: dict[str, Any]) -> str:
    """The bags behind bootstrap uncertainty: how many, where, how long."""
    where = [words.cell_name(noise, rate) for noise, rates in section["cells"].items() for rate in rates]
    if not where:
        return "no bags"
    return (
        f"{section['bags']} bags for the first {numbers.counted(section['seeds'], 'seed')} of {', '.join(where)}; "
        f"{section['epochs']} epochs each"
    )

"""What users ask of labels as they came, and the answers: how many errors, what to recheck first, whether to trust
the list, what next. No more is told than the gate lets."""

import pandas as pd

from labelnoise.detect.types import err_often, limited
from labelnoise.report import gate, numbers
from labelnoise.report.answer import Answer, capital

Tables = dict[str, pd.DataFrame]


def of(tables: Tables, listed: pd.Series, level: float) -> list[Answer]:
    """The four answers. listed: the row of the table `gate` whose labels people get a list of."""
    return [_errors(tables, listed, level), first(tables, listed), _trust(listed), _following(listed)]


def _errors(tables: Tables, listed: pd.Series, level: float) -> Answer:
    """How many labels are wrong: by the audit's answers where there are enough, else by the two models."""
    cell, count = (listed["noise"], listed["noise_rate"]), _labels(tables, listed)
    low, high = sorted([listed["rate_low"], listed["rate_high"]])
    model = gate.rate_in_words(pd.DataFrame([listed]), cell, low, high)
    audited = _audited(tables, listed)
    if audited is not None:
        of_ = numbers.counted(int(audited["labels"]), "label")
        answer = f"{audited['low']:,.0f} to {audited['high']:,.0f} of {of_}"
        lines = [
            f"By {numbers.counted(int(audited['answered']), 'answer')} to labels drawn at random ({level:.0%} "
            "limits), whatever the model believes.",
            f"The model says: {model}.",
        ]
        return Answer("errors", "How many errors?", answer, lines, "")
    told = listed["verdict"] in gate.STATED
    answer = _in_labels(limited(listed), low * count, high * count, count) if told and count else model
    doubt = "The range lies between two models of the errors: it is no confidence interval." if told else ""
    if limited(listed):
        doubt = "The limit is the larger one of two models of the errors: the truth may lie above it."
    return Answer("errors", "How many errors?", answer, [f"{capital(model)}."] if answer != model else [], doubt)


def _in_labels(limited: bool, low: float, high: float, count: int) -> str:
    of_ = numbers.counted(count, "label")
    if limited:
        return f"at most {high:,.0f} of {of_}"
    shown = [f"{low:,.0f}", f"{high:,.0f}"]
    return f"about {shown[0]} of {of_}" if shown[0] == shown[1] else f"{' to '.join(shown)} of {of_}"


def _audited(tables: Tables, listed: pd.Series) -> pd.Series | None:
    if "audit" not in tables:
        return None
    rows = tables["audit"]
    rows = rows[(rows["what"] == "rate") & (rows["look"] > 0) & (rows["noise"] == listed["noise"])]
    return rows.iloc[0] if len(rows) else None


def _tiers(tables: Tables, listed: pd.Series) -> pd.DataFrame:
    """Of the labels that people get a list of, by tier."""
    if "tiers" not in tables:
        return pd.DataFrame()
    table = tables["tiers"]
    keys = ["network", "noise", "noise_rate", "seed"]
    return table[(table[keys] == listed[keys]).all(axis=1)].set_index("tier")


def _labels(tables: Tables, listed: pd.Series) -> int:
    """How many labels there are: those in the tiers, of which the sure ones are obvious ones too."""
    part = _tiers(tables, listed)
    return int(part["count"].drop("sure", errors="ignore").sum()) if len(part) else 0


def first(tables: Tables, listed: pd.Series) -> Answer:
    """What to look at first, and how many errors to expect there."""
    question, part = "What should I recheck first?", _tiers(tables, listed)
    if listed["verdict"] not in gate.STATED:
        doubt = "There is neither P(wrong) nor a tier. Stop where errors get rare."
        answer = "nothing: there is no list" if listed["verdict"] == "nothing" else "the top of the list"
        return Answer("first", question, answer, [], doubt if listed["verdict"] == "order" else "")
    if _audited(tables, listed) is not None:
        lines = ["Answers of the audit set P(wrong) right: list.html counts the labels that are worth a look."]
        return Answer("first", question, "those that list.html names", lines, "")
    counts = part["count"] if len(part) else pd.Series(dtype=float)
    obvious, sure, possible = (int(counts.get(name, 0)) for name in ("obvious", "sure", "possible"))
    if not obvious + possible:
        return Answer("first", question, "no label stands out", [], "")
    stated = part.loc[["obvious", "possible"]]
    expected = (stated["stated"].fillna(0) * stated["count"]).sum()
    sums = f"About {expected:,.0f} of them are expected to be wrong."
    lines = [
        "How many of them are wrong the models cannot say." if limited(listed) else sums,
        f"{numbers.counted(obvious, 'obvious error')}, {sure:,} of them sure (every single predictor contradicts "
        f"the label); {possible:,} possible.",
    ]
    return Answer("first", question, f"the first {obvious + possible:,} of the list", lines, "")


def _trust(listed: pd.Series) -> Answer:
    """What the three tests say."""
    answers = {
        "nothing": "no: the features do not see the classes", "order": "no, its order alone",
        "cautious": "yes, with care: how many are wrong is a limit only",
        "all": "yes, with care" if err_often(listed) else "yes, as far as it was checked",
    }  # fmt: skip
    lines = []
    if listed["flagged"] > 0 and pd.notna(listed["worlds_right"]):
        lines.append(
            f"In labels that the model draws itself, where the truth is known, {listed['worlds_right']:.1%} of "
            f"{numbers.counted(int(listed['worlds_flagged']), 'obvious error')} were errors."
        )
    if listed["withheld"] > 0:
        lines.append(f"Withheld, as too many may be right: {numbers.counted(int(listed['withheld']), 'label')}.")
    doubt = "Errors on images that are hard to tell stay hidden from any list: an audit counts them."
    return Answer("trust", "Can I trust the list?", answers[listed["verdict"]], lines, doubt)


def _following(listed: pd.Series) -> Answer:
    """What to do next."""
    if listed["verdict"] == "nothing":
        return Answer("next", "What next?", "give an encoder that knows such images (`features`)", [], "")
    lines = [
        "Answer in review.html, or fill in the column `label` of a copy of to_audit.csv.",
        "Name the file with your answers under `recheck.answers`, and run again: the page then has limits of how "
        "many labels are wrong, and says when to stop.",
    ]
    return Answer("next", "What next?", "look at the labels in to_audit.csv, from the top", lines, "")

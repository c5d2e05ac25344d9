"""Numbers as the report prints them. Every one of them comes from a result table."""

import pandas as pd


def percent(share: float) -> str:
    """A share in percent, with one decimal; a dash where it is not known."""
    return "–" if pd.isna(share) else f"{100 * share:.1f}"


def plain(value: float) -> str:
    """A number with two decimals."""
    return f"{value:.2f}"


def counted(count: int, what: str) -> str:
    """`count` of what has a plural in s: 1 seed, 2 seeds."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def between(low: float, high: float) -> str:
    """A range of shares, as in: 38.6 to 43.3%."""
    shown = [percent(low), percent(high)]
    return f"{shown[0]}%" if shown[0] == shown[1] else f"{shown[0]} to {shown[1]}%"


def span(values: pd.Series, show=plain) -> str:
    """Lowest to highest, or the one value that all have; a dash where there is none."""
    shown = [show(value) for value in (values.min(), values.max())]
    if values.dropna().empty:
        return "–"
    dash = " to " if set("−-") & set("".join(shown)) else "–"  # no dash beside a minus
    return shown[0] if shown[0] == shown[1] else f"{shown[0]}{dash}{shown[1]}"


def k_of_n(true: pd.Series) -> str:
    """How often something is true: 3 of 10."""
    return f"{int(true.sum())} of {len(true)}"


def runs(table: pd.DataFrame, true: pd.Series | None = None) -> str:
    """How many runs a table has, a row each, and in how many something is `true`; what they are of, where every
    noise cell of one network has as many: 20 of 110 runs, 11 noisy cells × 10 seeds."""
    each = table.groupby(["network", "noise", "noise_rate"])["seed"].nunique()
    told = f"{k_of_n(true)} runs" if true is not None else counted(len(table), "run")
    if len(each) < 2 or each.nunique() > 1 or each.sum() != len(table) or table["network"].nunique() > 1:
        return told
    noisy = "" if (table["realised_rate"] == 0).any() else "noisy "
    return f"{told}, {len(each)} {noisy}cells × {counted(int(each.iloc[0]), 'seed')}"


def seeds(table: pd.DataFrame) -> str:
    """Of how many seeds the noise cells of a table of runs are: 10 seeds, or 4 to 10 seeds."""
    counts = table.groupby(["network", "noise", "noise_rate"])["seed"].nunique()
    least, most = counts.min(), counts.max()
    return f"{least} to {most} seeds" if least < most else counted(int(most), "seed")


def interval(facts: pd.DataFrame, show=percent) -> str:
    """`mean`, then its interval on a second line, then how many seeds where some diverged; a dash for no mean.

    The column `mark`, where there is one, stands before the mean. One seed has no interval.
    """
    fact = facts.iloc[0]
    seeds = f"\nn={fact['n_seeds']:.0f} of {fact['all_seeds']:.0f}" if fact["incomplete"] else ""
    if pd.isna(fact["mean"]):
        return f"–{seeds}"
    return f"{fact.get('mark', '')}{show(fact['mean'])}{bounds(fact['low'], fact['high'], show)}{seeds}"


def bounds(low: float, high: float, show) -> str:
    """An interval on a line of its own; nothing where there is none."""
    return "" if pd.isna(low) else f"\n[{show(low)}, {show(high)}]"


def difference(facts: pd.DataFrame) -> str:
    """A paired difference in percentage points; ▲ better and ▼ worse where the whole table's comparisons mark it.

    Neither, but the number of seeds, where seeds diverged on either side.
    """
    fact = facts.iloc[0]
    seeds = f"\nn={fact['pair_seeds']:.0f} of {fact['all_seeds']:.0f}" if fact["pair_incomplete"] else ""
    if pd.isna(fact["diff"]):
        return f"–{seeds}"
    mark = ("▲ " if fact["diff"] > 0 else "▼ ") if fact["differs"] else ""
    within = bounds(fact["diff_low"], fact["diff_high"], lambda share: f"{100 * share:z.1f}")
    return f"{mark}{100 * fact['diff']:+z.1f}{within}{seeds}".replace("-", "−")


def spread(values: pd.Series, show=plain) -> str:
    """Mean, and lowest to highest seed in parentheses, where these differ as they are shown."""
    values = values.dropna()
    if values.empty:
        return "–"
    low, mean, high = (show(value) for value in (values.min(), values.mean(), values.max()))
    return mean if low == high else f"{mean}\n({low}–{high})"


def with_lowest(values: pd.Series, show=percent) -> str:
    """Mean, and the lowest seed in parentheses; a dash where there is none."""
    values = values.dropna()
    return f"{show(values.mean())}\n({show(values.min())})" if len(values) else "–"


def raw(facts: pd.DataFrame) -> str:
    """Test accuracy of every seed, in the order of the seeds."""
    values = facts.sort_values("seed")["test_accuracy"]
    return "\n".join(percent(value) for value in values)

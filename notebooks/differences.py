# %% [markdown]
# # Is the difference to cross-entropy more than chance?
#
# Every method at the selection named below minus cross-entropy, on the same seeds, splits and noise: against
# cross-entropy at the last epoch, and against cross-entropy with early stopping, which is the harder baseline.
# Bars are t intervals of the paired difference over seeds, in percentage points of test accuracy. A filled marker
# means better or worse by Benjamini and Hochberg over all methods and noise cells: of these marks at most 5% are
# false. The interval of a marked difference is wider than 95% asks for, as it was picked (Benjamini and Yekutieli).

# %% tags=["parameters"]
dataset = "digits"
tables = "reports/digits/tables"
figures = "reports/digits/figures"
methods = ["cross_entropy"]
selection = "last"

# %%
from pathlib import Path

from IPython.display import display

from labelnoise import results, words
from labelnoise.figures import differences, style, survivors

intervals = results.read("intervals", Path(tables))

# %%
fig = differences.draw(intervals, methods, selection)
display(style.save(fig, figures, "differences"))

# %%
# Where seeds diverged on either side, a method is neither better nor worse.
part = survivors.compared(intervals, "test_accuracy", selection)
part = part[part["method"] != words.BASELINE]
whole = ~part["pair_incomplete"]
differs = whole & part["differs"]
part = part.assign(better=differs & (part["diff"] > 0), worse=differs & (part["diff"] < 0))
counts = part.groupby(["baseline_selection", "method"], sort=False)[["better", "worse", "pair_incomplete"]].sum()
sizes = part.groupby(["baseline_selection", "method"], sort=False).size()
for (baseline, method), row in counts.iterrows():
    lost = f", {row['pair_incomplete']} with diverged seeds" if row["pair_incomplete"] else ""
    print(f"{dataset}: {words.name(method)} against cross entropy, {words.SELECTIONS[baseline]}: better in "
          f"{row['better']} and worse in {row['worse']} of {sizes[baseline, method]} noise cells{lost}")

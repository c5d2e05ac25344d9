# %% [markdown]
# # Is the difference to cross-entropy more than chance?
#
# Every method at the selection named below minus cross-entropy, on the same seeds, splits and noise: against
# cross-entropy at the last epoch, and against cross-entropy with early stopping, which is the harder baseline.
# Bars are intervals of the paired difference (hierarchical bootstrap), in percentage points of test accuracy.
# A filled marker means that the interval leaves out 0. There are many comparisons and no correction for their
# number here: about one in twenty such intervals misses by chance alone.

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
part = part.assign(better=whole & (part["diff_low"] > 0), worse=whole & (part["diff_high"] < 0))
counts = part.groupby(["baseline_selection", "method"], sort=False)[["better", "worse", "pair_incomplete"]].sum()
sizes = part.groupby(["baseline_selection", "method"], sort=False).size()
for (baseline, method), row in counts.iterrows():
    lost = f", {row['pair_incomplete']} with diverged seeds" if row["pair_incomplete"] else ""
    print(f"{dataset}: {words.name(method)} against cross entropy, {words.SELECTIONS[baseline]}: better in "
          f"{row['better']} and worse in {row['worse']} of {sizes[baseline, method]} noise cells{lost}")

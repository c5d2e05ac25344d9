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

from IPython.display import Image, display

from labelnoise import results
from labelnoise.figures import cells, differences, style

intervals = results.read("intervals", Path(tables))

# %%
fig = differences.draw(intervals, methods, selection)
display(Image(style.save(fig, figures, "differences")))

# %%
part = intervals[(intervals["metric"] == "test_accuracy") & (intervals["selection"] == selection)]
part = part[part["method"] != differences.BASELINE].dropna(subset="diff")
part = part.assign(better=part["diff_low"] > 0, worse=part["diff_high"] < 0)
counts = part.groupby(["baseline_selection", "method"])[["better", "worse"]].agg(["sum", "size"])
for (baseline, method), row in counts.iterrows():
    print(f"{dataset}: {cells.name(method)} against cross entropy, {cells.SELECTIONS[baseline]}: better in "
          f"{row['better', 'sum']} and worse in {row['worse', 'sum']} of {row['better', 'size']} noise cells")

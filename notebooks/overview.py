# %% [markdown]
# # Every method in every noise cell
#
# Mean test accuracy on clean labels, or on held-out noisy labels where no clean one is known. A row is a method, a
# column a noise model at a rate. The first figure shows the last epoch, the second early stopping on noisy validation
# labels. Blue is better than early-stopped cross-entropy, orange worse, white undecided, by Benjamini and Hochberg
# over all methods and noise cells. Bold: the highest mean of a column, but for oracles; cross-entropy with early
# stopping stands for comparison at the top of both.
#
# Means alone: the figures and tables of accuracy and of differences have the intervals.
#
# The third figure is for whoever does not know the noise: one number per method over all noise cells, the
# difference to early-stopped cross-entropy with its t interval over seeds. Every kind of noise counts alike. A cross
# is the noise cell in which a method is worst.

# %% tags=["parameters"]
dataset = "digits"
tables = "reports/digits/tables"
figures = "reports/digits/figures"
methods = ["cross_entropy"]

# %%
from pathlib import Path

from IPython.display import display

from labelnoise import results
from labelnoise.figures import overview, style, unknown

intervals = results.read("intervals", Path(tables))
over_all = results.read("unknown", Path(tables))  # without rows where no label is noisy

# %%
fig = overview.draw(intervals, methods, "last")
display(style.save(fig, figures, "overview"))

# %%
fig = overview.draw(intervals, methods, "best_noisy_val")
display(style.save(fig, figures, "overview_early"))

# %%
if len(over_all):
    fig = unknown.draw(over_all)
    display(style.save(fig, figures, "unknown"))

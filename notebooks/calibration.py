# %% [markdown]
# # Can the network's confidence be trusted?
#
# Three scores on test images, lower is better; judged by clean labels, or by held-out noisy labels where no clean
# one is known. ECE: root of the mean squared distance between accuracy and confidence over equal-width bins (its
# value depends on the bins), debiased, so that it is 0 for most calibrated networks. NLL and Brier score also reward
# accuracy, and are proper: nobody can improve them by reporting another confidence than the one believed. They have
# 95% t intervals over seeds. That of ECE resamples test images, and short lines show what calibrated networks with
# the same confidences stay below as often. A row of panels holds a family of methods; cross-entropy stands in every
# row in gray, at the last epoch and with early stopping.
#
# The reliability diagram shows one noise cell, all seeds pooled: points below the diagonal are over-confident,
# above it under-confident; oracles have hollow markers. Its bars are Wilson intervals that take test images as independent; they say nothing
# about the spread between seeds.

# %% tags=["parameters"]
dataset = "digits"
tables = "reports/digits/tables"
figures = "reports/digits/figures"
methods = ["cross_entropy"]
selection = "last"
noise = "symmetric"
noise_rate = 0.4

# %%
from pathlib import Path

from IPython.display import display

from labelnoise import results, words
from labelnoise.figures import calibration, cells, style

intervals = results.read("intervals", Path(tables))
reliability = results.read("reliability", Path(tables))
noise, noise_rate = cells.chosen(intervals, noise, noise_rate)  # another cell where the data set lacks it

# %%
for metric in calibration.METRICS:
    fig = calibration.draw(intervals, methods, metric, selection)
    display(style.save(fig, figures, metric))

# %%
fig = calibration.reliability(reliability, methods, noise, noise_rate, selection)
display(style.save(fig, figures, "reliability"))

# %%
# What lost seeds stands last: the mean over those that are left is not to be ranked.
ece = cells.at(cells.means(intervals, "ece", selection), noise, noise_rate)
print(f"{dataset}, {words.cell_name(noise, noise_rate)}, {words.SELECTIONS[selection]}: ECE, lowest first")
for row in ece.sort_values(["network", "incomplete", "mean"]).itertuples():
    told = " (oracle)" if row.oracle else ""
    lost = f", {row.n_seeds} of {row.all_seeds} seeds, not ranked" if row.incomplete else ""
    print(f"  {row.network}, {words.name(row.method)}{told}: {row.mean:.1%} [{row.low:.1%}, {row.high:.1%}]{lost}")

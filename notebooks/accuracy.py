# %% [markdown]
# # How accurate is a network after training on noisy labels?
#
# Each method is trained on labels of which a share is wrong, and tested on images with clean labels. Where no clean
# label is known, the labels as given of the test part stand in: held-out noisy labels.
# A row of panels holds a family of methods at the selection named below: `last` is the end of training,
# `best_noisy_val` is early stopping on validation labels that are as noisy as the training labels. In gray, in
# every row: cross-entropy at both.
#
# A point is the mean over seeds; its bar is the 95% t interval over seeds. Points stand side by side within a rate
# only to keep the bars visible.
# Dashed lines with hollow markers are oracles: they are given the truth, and are not to be ranked.

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
from labelnoise.figures import accuracy, cells, style

intervals = results.read("intervals", Path(tables))

# %%
fig = accuracy.draw(intervals, methods, selection)
display(style.save(fig, figures, "accuracy"))

# %% [markdown]
# The method without an oracle that has the highest mean, and cross-entropy, cell by cell. The best of several is the
# winner's mean, and so somewhat too high: an interval of its own would say nothing of that. A method of which seeds diverged is not ranked: its mean is over the seeds that are left.

# %%
for chosen in words.HONEST:
    for network, part in cells.means(intervals, "test_accuracy", chosen).groupby("network"):
        print(f"{dataset}, {network}, {words.SELECTIONS[chosen]}:")
        for noise, rate in cells.cells(part):
            here = cells.at(part, noise, rate)
            base = here.loc[here["method"] == "cross_entropy", "mean"].mean()
            for best in here[~here["oracle"] & ~here["incomplete"]].nlargest(1, "mean").itertuples():
                print(f"  {words.cell_name(noise, rate)}: {words.name(best.method)} {best.mean:.1%}, "
                      f"cross entropy {base:.1%}")

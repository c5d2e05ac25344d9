# %% [markdown]
# # When does a network memorise wrong labels?
#
# One noise cell, epoch by epoch, a panel for each of the methods that params.yaml chooses. *Right labels fitted* and *wrong labels fitted*: share of
# the training examples with a right (wrong) label on which the network predicts that label. *Wrong labels
# recovered*: share of the wrong ones on which it predicts the true class instead. Test accuracy is on clean
# labels. Where no clean label is known, it is on held-out noisy labels, and nobody can tell the shares.
#
# Lines are means over seeds, bands run from the lowest to the highest seed: they show spread, and are no
# confidence intervals. A network that learns patterns first has a test accuracy that rises before the
# wrong labels are fitted, and falls while they are.

# %% tags=["parameters"]
dataset = "digits"
tables = "reports/digits/tables"
figures = "reports/digits/figures"
methods = ["cross_entropy"]
noise = "symmetric"
noise_rate = 0.4

# %%
from pathlib import Path

from IPython.display import display

from labelnoise import results, words
from labelnoise.figures import cells, memorization, style

curves = results.read("curves", Path(tables))
noise, noise_rate = cells.chosen(curves, noise, noise_rate)  # another cell where the data set lacks it

# %%
fig = memorization.draw(curves, methods, noise, noise_rate)
display(style.save(fig, figures, "memorization"))

# %%
# A method is left out where a seed diverged: what is left would flatter it.
part = cells.at(curves, noise, noise_rate)
for network, method in ((n, m) for n in sorted(set(part["network"])) for m in methods):
    path = part[(part["network"] == network) & (part["method"] == method)].groupby("epoch")
    mean, last = path[list(memorization.QUANTITIES)].mean(), part.loc[part["method"] == method, "epoch"].max()
    if not path["test_accuracy"].apply(lambda seeds: seeds.notna().all()).all():
        print(f"{network}, {words.name(method)}: seeds diverged")
        continue
    peak = mean["test_accuracy"].idxmax()
    print(f"{network}, {words.name(method)}: test accuracy peaks at epoch {peak} with "
          f"{mean.loc[peak, 'test_accuracy']:.1%} and ends at {mean.loc[last, 'test_accuracy']:.1%}" +
          (f", {mean.loc[last, 'fitted_wrong']:.1%} of the wrong labels fitted"
           if mean["fitted_wrong"].notna().any() else ""))

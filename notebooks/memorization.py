# %% [markdown]
# # When does a network memorise wrong labels?
#
# One noise cell, epoch by epoch, a panel per method. *Right labels fitted* and *wrong labels fitted*: share of
# the training examples with a right (wrong) label on which the network predicts that label. *Wrong labels
# recovered*: share of the wrong ones on which it predicts the true class instead. Test accuracy is on clean
# labels.
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

from IPython.display import Image, display

from labelnoise import results
from labelnoise.figures import cells, memorization, style

curves = results.read("curves", Path(tables))

# %%
fig = memorization.draw(curves, methods, noise, noise_rate)
display(Image(style.save(fig, figures, "memorization")))

# %%
mean = cells.at(curves, noise, noise_rate).groupby(["network", "method", "epoch"])[list(memorization.QUANTITIES)].mean()
for (network, method), path in mean.groupby(level=["network", "method"]):
    path = path.droplevel(["network", "method"])
    peak, last = path["test_accuracy"].idxmax(), path.index[-1]
    print(f"{network}, {cells.name(method)}: test accuracy peaks at epoch {peak} with "
          f"{path.loc[peak, 'test_accuracy']:.1%} and ends at {path.loc[last, 'test_accuracy']:.1%}, "
          f"{path.loc[last, 'fitted_wrong']:.1%} of the wrong labels fitted")

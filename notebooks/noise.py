# %% [markdown]
# # How noisy are the labels, and of which kind?
#
# The share of wrong labels as each estimator has it, and the matrix T of the noise model: how often an image of
# one class is given the label of another. Estimates see the given labels only; where the truth is known, it stands
# beside them. A rate is a range between two models of the noise, one cautious, one that takes all doubt for noise.
# That is no confidence interval.

# %% tags=["parameters"]
dataset = "digits"
tables = "reports/digits/tables"
figures = "reports/digits/figures"
data = "data/digits/images.npz"
methods = ["cross_entropy"]
noise = "symmetric"
noise_rate = 0.4

# %%
from pathlib import Path

from IPython.display import display

from labelnoise import results, words
from labelnoise.figures import cells, noise_matrix, style
from labelnoise.figures import noise_rate as noise_rate_figure

rates = results.read("noise_rate", Path(tables))
matrix = results.read("noise_matrix", Path(tables))

# %%
if rates.empty:
    print("the table noise_rate has no rows: no figure")
else:
    fig = noise_rate_figure.draw(rates)
    display(style.save(fig, figures, "noise_rate"))

# %%
if matrix.empty:
    print("the table noise_matrix has no rows: no figure")
else:
    fig = noise_matrix.draw(matrix, *cells.chosen(matrix, noise, noise_rate))
    display(style.save(fig, figures, "noise_matrix"))

# %%
own = rates[rates["estimator"] == words.NOISE_MODEL]
for network, cell in cells.places(own):
    part = cells.at(own[own["network"] == network], *cell)
    row = part[["low", "high", "realised_rate"]].mean()
    held = part["realised_rate"].between(part["low"], part["high"]).sum()
    known = part["realised_rate"].notna().all()
    truth = (
        f"; in truth {row['realised_rate']:.1%}, within the range in {held} of {len(part)} runs" if known else ""
    )
    print(
        f"{dataset}, {network}, {words.cell_name(*cell)}: {row['low']:.1%} to {row['high']:.1%} of the labels are "
        f"wrong, a range between two models{truth}"
    )

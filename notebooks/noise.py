# %% [markdown]
# # How noisy are the labels, and of which kind?
#
# The share of wrong labels as each estimator has it, and the matrix T of the noise model: how often an image of
# one class is given the label of another. Estimates see the given labels only; where the truth is known, it stands
# beside them. Intervals come from a bootstrap over examples.

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

from IPython.display import Image, display

from labelnoise import results
from labelnoise.figures import cells, noise_matrix, scores, style
from labelnoise.figures import noise_rate as noise_rate_figure

rates = results.read("noise_rate", Path(tables))
matrix = results.read("noise_matrix", Path(tables))

# %%
if rates.empty:
    print("the table noise_rate has no rows: no figure")
else:
    fig = noise_rate_figure.draw(rates)
    display(Image(style.save(fig, figures, "noise_rate")))

# %%
if matrix.empty:
    print("the table noise_matrix has no rows: no figure")
else:
    fig = noise_matrix.draw(matrix, *scores.chosen(matrix, noise, noise_rate))
    display(Image(style.save(fig, figures, "noise_matrix")))

# %%
own = rates[rates["estimator"] == scores.PROPOSED]
for network, cell in scores.networks(own):
    row = cells.at(own[own["network"] == network], *cell)[["estimate", "low", "high", "realised_rate"]].mean()
    truth = f"; truth {row['realised_rate']:.1%}" if row["realised_rate"] == row["realised_rate"] else ""
    print(
        f"{dataset}, {network}, {cells.cell_name(*cell)}: {row['estimate']:.1%} of the labels are wrong "
        f"[{row['low']:.1%}, {row['high']:.1%}]{truth}"
    )

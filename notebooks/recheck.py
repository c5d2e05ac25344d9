# %% [markdown]
# # What does rechecking buy?
#
# Labels are looked at again in the order of a score, and those found wrong are set right. How many of the wrong
# labels are found by then; how good a network is that is trained on the corrected labels; and how many wrong labels
# are left, as the noise model has it. A rechecker errs, too: each answer is wrong with the stated chance.

# %% tags=["parameters"]
dataset = "digits"
tables = "reports/digits/tables"
figures = "reports/digits/figures"
data = "data/digits/images.npz"
methods = ["cross_entropy"]
selection = "last"
noise = "symmetric"
noise_rate = 0.4

# %%
from pathlib import Path

from IPython.display import display

from labelnoise import results, words
from labelnoise.figures import budget as budget_figure
from labelnoise.figures import cells, style

budget = results.read("budget", Path(tables))
needed = results.read("budget_needed", Path(tables))
retrained = results.read("retrained", Path(tables))
errors_left = results.read("errors_left", Path(tables))

# %%
if budget.empty:
    print("the table budget has no rows (no clean label is known): no figure")
else:
    fig = budget_figure.draw(budget)
    display(style.save(fig, figures, "budget"))

# %%
if budget.empty:
    print("the table budget has no rows (no clean label is known): no figure")
else:
    fig = budget_figure.rechecker(budget, *cells.chosen(budget, noise, noise_rate))
    display(style.save(fig, figures, "budget_rechecker"))

# %%
if retrained.empty:
    print("the table retrained has no rows: no figure")
else:
    fig = budget_figure.retrained(retrained, selection)
    display(style.save(fig, figures, "retrained"))

# %%
if errors_left.empty:
    print("the table errors_left has no rows: no figure")
else:
    fig = budget_figure.errors_left(errors_left)
    display(style.save(fig, figures, "errors_left"))

# %%
perfect = needed[needed["rechecker_error"] == 0].groupby(["order", "found_share"])["rechecked_share"]
for (order, share), row in perfect.agg(["mean", "max"]).iterrows():
    print(
        f"{dataset}, {words.name(order)}: {row['mean']:.0%} of the labels rechecked find {share:.0%} of the "
        f"wrong ones, mean over noise cells and seeds; at most {row['max']:.0%}"
    )

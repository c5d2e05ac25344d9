# %% [markdown]
# # What does a noise layer do to the gradient of one example?
#
# The network predicts one class with some confidence, the rest of the probability spread evenly over the others.
# Shown is the norm of the gradient of the loss at the logits, where the label is that class and where it is
# another one. Lines are the closed forms, dots what automatic differentiation gives.
#
# Cross-entropy pulls hardest where a confident prediction and the label disagree. A linear layer lets go there
# only if its T says that the label can come from the predicted class; where that entry of T is zero, it pulls as
# cross-entropy does. A nonlinear layer damps wherever the prediction is confident, and with W = I everywhere.

# %% tags=["parameters"]
dataset = "digits"
tables = "reports/digits/tables"
figures = "reports/digits/figures"
methods = ["cross_entropy"]

# %%
from pathlib import Path

from IPython.display import display

from labelnoise import results
from labelnoise.figures import gradients, style

table = results.read("gradients", Path(tables))

# %%
fig = gradients.draw(table)
display(style.save(fig, figures, "gradients"))

# %%
apart = (table["norm"] - table["closed_form"]).abs().max()
print(f"closed form and automatic differentiation differ by {apart:.1g} at most, in a table of six digits")
for (relation, layer), rows in table.groupby(["relation", "layer"], sort=False):
    peak = rows.loc[rows["closed_form"].idxmax()]
    last = rows.loc[rows["confidence"].idxmax()]
    print(f"{gradients.RELATIONS[relation]}; {gradients.LAYERS[layer][0]}: largest at a confidence of "
          f"{peak['confidence']:.3g} with {peak['closed_form']:.2f}, {last['closed_form']:.2g} at "
          f"{last['confidence']:g}")

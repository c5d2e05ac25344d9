# %% [markdown]
# # Does bootstrap uncertainty point at wrong labels?
#
# Networks are trained on bags drawn with replacement; an example is judged only by the bags that left it out.
# Each pair of boxes compares examples whose given label is right with those whose label is wrong: median,
# quartiles, 5% and 95% quantile, each averaged over seeds. The AUROC above a pair is the chance that a wrong
# label looks more suspicious than a right one: 0.5 is a coin toss.
#
# Entropy and mutual information look at the prediction alone, not at the given label. They see how hard
# the image is, which a random label error does not change: expect an AUROC near 0.5 where errors do not depend
# on the image.

# %% tags=["parameters"]
dataset = "digits"
tables = "reports/digits/tables"
figures = "reports/digits/figures"
methods = ["cross_entropy"]

# %%
from pathlib import Path

from IPython.display import Image, display

from labelnoise import results
from labelnoise.figures import style, uncertainty

quantiles = results.read("uncertainty", Path(tables))
detection = results.read("detection", Path(tables))

# %%
if quantiles.empty:
    print(f"{dataset}: no clean label is known, so that right and wrong labels cannot be told apart")
else:
    fig = uncertainty.draw(quantiles, detection)
    display(Image(style.save(fig, figures, "uncertainty")))

# %%
scores = detection[detection["score"].isin(quantiles["statistic"])].groupby("score")["auroc"]
for score, row in scores.agg(["mean", "min", "max"]).sort_values("mean").iterrows():
    print(f"{score}: AUROC {row['mean']:.2f} on average, from {row['min']:.2f} to {row['max']:.2f} "
          f"over noise cells and seeds")
for missing in quantiles.groupby([*quantiles.columns[:5], "statistic"], dropna=False)["missing"].sum().nlargest(1):
    print(f"{missing} examples at most were in every bag of a run, and have no out-of-bag prediction")

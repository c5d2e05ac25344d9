# %% [markdown]
# # Do networks find wrong labels that the noise model misses?
#
# The noise model needs no network. Here it stands beside scores that do: training dynamics of plain cross-entropy,
# confident learning by folds, and, in few noise cells, bags and planted labels. All scores of a run are about the same
# examples, those that its networks trained on.

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

from IPython.display import display

from labelnoise import results
from labelnoise.figures import detection, style, uncertainty

quantiles = results.read("uncertainty", Path(tables))
alternatives = results.read("alternatives", Path(tables))
intervals = results.read("alternatives_intervals", Path(tables))

# %%
if intervals.loc[intervals["metric"] == "auprc", "mean"].isna().all():
    print("the table alternatives_intervals ranks nothing (no wrong label is known): no figure")
else:
    fig = detection.overview(intervals)
    display(style.save(fig, figures, "alternatives"))

# %%
if quantiles.empty:
    print(f"{dataset}: there are no bags, or no clean label is known: no figure of right and wrong labels")
else:
    fig = uncertainty.draw(quantiles, alternatives)
    display(style.save(fig, figures, "uncertainty"))

# %%
scores = alternatives[alternatives["score"].isin(quantiles["statistic"])].groupby("score")["auroc"]
for score, row in scores.agg(["mean", "min", "max"]).sort_values("mean").iterrows():
    print(
        f"{score}: AUROC {row['mean']:.2f} on average, from {row['min']:.2f} to {row['max']:.2f} "
        f"over noise cells and seeds"
    )
for missing in quantiles.groupby([*quantiles.columns[:5], "statistic"], dropna=False)["missing"].sum().nlargest(1):
    print(f"{missing} examples at most were in every bag of a run, and have no out-of-bag prediction")

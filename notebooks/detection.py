# %% [markdown]
# # Which labels are wrong?
#
# Every suspicion score ranks the examples of a run by how suspect their label is. AUPRC: mean precision while
# going down that list; a useless score has the noise rate. Differences are paired by run: noise model minus the other
# score. Probabilities must also mean what they say: the share of wrong labels among examples of equal P(wrong).
# Tiers are what a reader works with: "obvious" promises at least 95% wrong labels, and is withheld where the gate
# does not trust it.

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
from labelnoise.figures import cells, detection, p_wrong_reliability, style
from labelnoise.figures import tiers as tiers_figure

intervals = results.read("detection_intervals", Path(tables))
reliability = results.read("detection_reliability", Path(tables))
tiers = results.read("tiers", Path(tables))

# %%
if intervals.empty:
    print("the table detection_intervals has no rows (no clean label is known): no figure")
else:
    fig = detection.overview(intervals)
    display(style.save(fig, figures, "detection"))

# %%
if intervals.empty:
    print("the table detection_intervals has no rows (no clean label is known): no figure")
else:
    fig = detection.differences(intervals)
    display(style.save(fig, figures, "detection_differences"))

# %%
if reliability.empty:
    print("the table detection_reliability has no rows (no clean label is known): no figure")
else:
    fig = p_wrong_reliability.draw(reliability, *cells.chosen(reliability, noise, noise_rate))
    display(style.save(fig, figures, "p_wrong_reliability"))

# %%
if tiers["share_wrong"].isna().all():
    print("the table tiers does not tell which labels are wrong (no clean label is known): no figure")
else:
    fig = tiers_figure.draw(tiers)
    display(style.save(fig, figures, "tiers"))

# %%
ranked = intervals[intervals["metric"] == "auprc"].groupby("score")["mean"].agg(["mean", "min", "max"])
for score, row in ranked.sort_values("mean", ascending=False).iterrows():
    print(
        f"{dataset}, {words.name(score)}: AUPRC {row['mean']:.3f} on average, from {row['min']:.3f} to "
        f"{row['max']:.3f} over noise cells"
    )

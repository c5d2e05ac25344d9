# %% [markdown]
# # The questions of the page
#
# The figures of the page's screens, small, so that they can stand beside one another, or below one another. Their
# text is text: the page has them in its own colours.
#
# 1. Which method, if the noise is not known: points against early-stopped cross-entropy; a bar is the 95% t
#    interval over seeds, a cross the worst noise cell. Filled: may be the best (Hsu).
# 2. Test accuracy against the noise rate. Filled: marked better than early-stopped cross-entropy by Benjamini and
#    Hochberg over all methods and noise cells; white: undecided. Gray: from the worst to the best of the others.
# 3. Obvious errors, and what a stated P(wrong) is worth.
# 4. Labels looked at per error found, in the noise model's order; how often the band of errors left is right.
# 5. Verdicts of the comparisons behind every claim.
# 6. Published values beside ours.

# %% tags=["parameters"]
dataset = "digits"
tables = "reports/digits/tables"
figures = "reports/digits/figures"

# %%
from pathlib import Path

from IPython.display import display

from labelnoise import results
from labelnoise.figures import by_rate, leading, looks, obvious, published, style, verdicts

# %%
over_all = results.read("unknown", Path(tables))  # without rows where no label is noisy
if len(over_all):
    for name, fig in leading.draw(over_all).items():
        display(style.save(fig, figures, name))

# %%
intervals = results.read("intervals", Path(tables))
for name, fig in by_rate.draw(intervals).items():
    display(style.save(fig, figures, name))

# %%
tiers, reliability = (results.read(name, Path(tables)) for name in ("tiers", "detection_reliability"))
for name, fig in obvious.draw(tiers, reliability).items():
    display(style.save(fig, figures, name))

# %%
budget, left = results.read("budget", Path(tables)), results.read("errors_left", Path(tables))
for name, fig in looks.draw(budget, left).items():
    display(style.save(fig, figures, name))

# %%
claims = results.read("claims", Path(tables))
for name, fig in verdicts.draw(claims).items():
    display(style.save(fig, figures, name))

# %%
papers = results.read("papers", Path(tables))
for name, fig in published.draw(papers).items():
    display(style.save(fig, figures, name))

# %% [markdown]
# # What do suspect labels look like?
#
# Images of one noise cell and seed whose label is most likely wrong: obvious errors, and possible ones. Below
# each: given label → suggested label, and the noise model's probability that the given label is wrong. Where the truth
# is known, a wrong suggestion has a dashed frame.

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

from labelnoise import files, results
from labelnoise.figures import cells, gallery, style

table = results.read("gallery", Path(tables))
images = files.load_arrays(Path(data))["images"]
if images.dtype != "uint8":
    print("the examples are features: no figure; pictures of their files are on the page of the list, if it has them")
    table = table[:0]

# %%
obvious = gallery.rows(table, *cells.chosen(table, noise, noise_rate), "obvious") if len(table) else table
if obvious.empty:
    print("no obvious error: no figure")
else:
    fig = gallery.draw(obvious, images)
    display(style.save(fig, figures, "gallery_obvious"))

# %%
possible = gallery.rows(table, *cells.chosen(table, noise, noise_rate), "possible") if len(table) else table
if possible.empty:
    print("no possible error: no figure")
else:
    fig = gallery.draw(possible, images)
    display(style.save(fig, figures, "gallery_possible"))

# %%
for name, shown in (("obvious", obvious), ("possible", possible)):
    known = shown[shown["truth"] != ""]
    wrong = sum(not gallery.right(row) for row in known.itertuples())
    told = f"; {wrong} of {len(known)} suggestions are not right" if len(known) else ""
    print(f"{dataset}: {len(shown)} {name} errors shown{told}")

# %% [markdown]
# # What can a network fit, and does anything keep it from that?
#
# The study of Zhang et al. 2017 (arXiv 1611.03530): the same network is asked to fit images with their true
# labels, with labels of which a share is drawn anew from all classes, with random labels, and images without a
# pattern: pixels in another order (one order for all images, or one for each), and Gaussian noise. *Fitted* means
# that the share of given labels that the network predicts has reached a threshold; a run that never does is
# censored at its last epoch.
#
# The measures of Arpit et al. 2017 (arXiv 1706.05394) then ask what is different about learning noise: *critical
# samples* have another predicted class close by; the *Gini coefficient* of the loss sensitivity says how unequally
# the loss depends on the examples; and an example that is *easy* is right after one epoch from nearly every
# initialisation.
#
# Bands run from the lowest to the highest seed: they show spread, and are no confidence intervals.

# %% tags=["parameters"]
dataset = "digits"
tables = "reports/digits/tables"
figures = "reports/digits/figures"
methods = ["cross_entropy"]
radius = 0.06

# %%
from pathlib import Path

from IPython.display import display

from labelnoise import results
from labelnoise.figures import complexity, conditions, corruption, first_epoch, fit, regularizers, style

fits = results.read("fit", Path(tables))
curves = results.read("fit_curves", Path(tables))
if fits.empty:
    print(f"{dataset}: no clean label is known, so that there are no true labels to fit")
caps = curves.groupby("network")["epoch"].max().to_dict()

# %% [markdown]
# ## Fitting, with and without a pattern

# %%
if len(curves):
    display(style.save(fit.draw(curves), figures, "fit"))

# %%
plain = fits[fits["regularizer"] == "none"]
for (network, condition, share), part in plain.groupby(["network", "condition", "corruption"]):
    label = conditions.LOOKS[condition][0] + (f" {share:g}" if condition == "corrupted_labels" else "")
    done = part.loc[~part["censored"], "epochs_to_fit"]
    by = f" by {len(done)} of {len(part)} runs" if len(done) < len(part) else ""
    when = f"fitted after {done.mean():.1f} epochs{by}" if len(done) else f"fitted by none of {len(part)} runs"
    print(f"{conditions.name(network)}, {label}: {when}; "
          f"at the end {part['train_accuracy'].mean():.1%} of the given labels, "
          f"test accuracy {part['test_accuracy'].mean():.1%}")

# %% [markdown]
# ## The more wrong labels, the longer it takes

# %%
if len(fits):
    display(style.save(corruption.draw(fits), figures, "corruption"))

# %% [markdown]
# ## Regularisers

# %%
if len(fits):
    display(style.save(regularizers.draw(fits, caps), figures, "regularizers"))

# %%
random = fits[fits["condition"] == "random_labels"]
for (network, name), part in random.groupby(["network", "regularizer"]):
    print(f"{conditions.name(network)}, {name.replace('_', ' ')}: {part['train_accuracy'].mean():.1%} of random "
          f"labels at the end; {(~part['censored']).sum()} of {len(part)} runs fitted in {caps[network]} epochs")

# %% [markdown]
# ## Noise makes the function complex

# %%
measures = results.read("complexity", Path(tables))
if len(measures):
    display(style.save(complexity.draw(measures, radius), figures, "complexity"))

# %% [markdown]
# ## Which examples are easy from the start?
#
# Real images have easy ones, right from nearly every initialisation. That the others spread more than the binomial
# too need not be a pattern of single examples: images with pixels in an order of their own keep their brightness,
# and after one epoch some networks still give all images the same class.

# %%
easy = results.read("first_epoch", Path(tables))
if len(easy):
    display(style.save(first_epoch.draw(easy), figures, "first_epoch"))

# %%
for (network, condition), part in easy.groupby(["network", "condition"]):
    print(f"{conditions.name(network)}, {conditions.LOOKS[condition][0]}: the variance over examples is "
          f"{first_epoch.variance_ratio(part):.1f} times that of equally hard ones")

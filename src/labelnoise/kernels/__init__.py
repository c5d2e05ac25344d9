"""Stacks of networks on a CPU, run by run, so that the weights of a run stay in its core's cache.

Compiled by numba, products too: those of a batch with a hidden layer are too small for a BLAS to reach its speed.
An element of a product is one chain of fused multiply-adds, in the order of its sum, whatever is computed beside
it: its bytes depend neither on a run's neighbours nor on how many elements a processor takes at once. Equal to
torch's autograd up to rounding. NaN is passed on, so that a run that diverges is seen to.
"""

NARROW = 16  # columns of a product that are computed at once, at least

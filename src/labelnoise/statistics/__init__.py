"""The one statistical standard of the study: means over seeds, many comparisons, claims, shares, winners."""

"""Figures: tidy tables in, a matplotlib Figure out. Nothing here reads a file or trains a network."""

"""The main study: every method on every network, noise, rate and seed."""

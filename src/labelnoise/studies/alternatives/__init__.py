"""Suspicion scores that need networks, measured beside the noise model: dynamics, folds, bags, planted labels."""

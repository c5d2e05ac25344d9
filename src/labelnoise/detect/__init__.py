"""Finding wrong labels: suspicion scores, noise models to compare with, and how good they are."""

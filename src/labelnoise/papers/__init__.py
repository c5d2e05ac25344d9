"""Published values beside those of the study: published.csv, what of the study's tables stands beside them, and
whether the two agree. docs/papers.md tells how."""

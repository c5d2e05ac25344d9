"""A study as one file that others can read, cite and check: what `labelnoise archive` writes."""

"""Training of many runs as one program, and the store of finished runs."""

"""What the command `labelnoise` does: a file per word that follows it, with a function `run`."""

"""What the note claims, tested: result tables in, effects and verdicts out."""

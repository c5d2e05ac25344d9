"""Whether intervals hold: what the study's own tables say, audits drawn anew, and made-up numbers."""

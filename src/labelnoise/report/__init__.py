"""The report: result tables and figures in, one HTML page and one Markdown summary out."""

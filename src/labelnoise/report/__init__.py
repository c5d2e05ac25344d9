"""The report: result tables and figures in; an HTML page, a Markdown summary and results by method out."""

"""The page that people read before they recheck labels: reports/<data set>/list.html, one file without scripts."""

"""How sure the numbers and the predictions are: metrics, intervals, entropies, transition estimates."""

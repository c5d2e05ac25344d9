"""What rechecking costs and brings: lists for people, their answers, budgets, retraining."""

"""What a run spends: the ledger of paid steps, budgets, prices, and who caused which cost."""

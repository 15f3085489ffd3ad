"""The ledger: what is appended, and what of it the next collection has to know."""

"""From the plan to the ledger: accounts, windows, and days."""

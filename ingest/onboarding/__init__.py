"""A new client: which accounts are its, what they count, and the rows that register it."""

"""Collectors of others, and dlt's own dictionaries, read the same prepared rows as wholeday's collector."""

"""Faults on demand: which requests (match), how often (times), and what happens to them (effect)."""

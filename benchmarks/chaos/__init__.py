"""Kills and faults: whatever disturbs a run, the next one ends where an undisturbed history would have."""

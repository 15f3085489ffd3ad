"""What every step shares: settings, the clock, the lock, the log, the run, and the order of the steps."""

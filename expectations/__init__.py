"""What holds of the arrival and of the candidate, in plain words: suites, validation, data docs."""

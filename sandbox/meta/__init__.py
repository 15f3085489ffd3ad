"""The Meta Marketing API as the sandbox speaks it."""

"""``make doctor``: looks at everything a run needs, changes nothing, and says what to do."""

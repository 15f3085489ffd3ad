"""What is measured, and how: ratios against a floor measured in the same run, never times alone."""

"""What the doctor looks at in settings, files and platforms."""

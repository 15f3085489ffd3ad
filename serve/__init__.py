"""The site and the figures over HTTP: who may see what, and healing by hand."""

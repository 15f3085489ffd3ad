"""The agency's own files: read, checked, and resolved."""

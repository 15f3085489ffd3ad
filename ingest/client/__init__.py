"""Asking a platform over HTTP: retries, breaker, quotas, and what an error means."""

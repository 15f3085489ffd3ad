"""Acme Ads."""

"""Secrets in requests, and out of records."""

"""Secrets: read for a call, and kept out of what is told of it."""

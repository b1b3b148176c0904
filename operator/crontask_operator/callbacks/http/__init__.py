"""The HTTP callback."""

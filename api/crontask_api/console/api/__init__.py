"""The HTTP API: its reference, and requests to try it with."""

"""The engine: what is due is begun, what has ended is recorded."""

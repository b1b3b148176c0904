"""One task: what is known of it, and what becomes of it as JSON."""

"""Which addresses a callback may reach."""

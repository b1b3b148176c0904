"""Who uses the console: a session in an encrypted cookie, and what guards it."""

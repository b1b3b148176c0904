"""The console: pages on which people see what runs, what failed and why, and mend it."""

"""Where a call may go: hosts, the addresses of their names, and the deny list."""

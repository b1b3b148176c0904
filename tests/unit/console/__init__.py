"""The console, room by room, without a cluster and without a browser."""

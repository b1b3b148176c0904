"""The command line ``crontask`` for people at a shell. Nothing imports it."""

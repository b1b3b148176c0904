"""crontask_cli is the command line ``crontask`` for people at a shell; nothing imports it."""

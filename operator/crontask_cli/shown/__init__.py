"""shown writes what the commands found, for people on a terminal and for programs in a pipe."""

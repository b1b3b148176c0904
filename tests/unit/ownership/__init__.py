"""Who runs what: the lease protocol under virtual time."""

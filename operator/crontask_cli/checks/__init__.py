"""checks has what ``crontask doctor`` looks at, each with what to do about it."""

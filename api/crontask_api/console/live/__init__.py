"""One view of all tasks that is kept up to date, however many people look at it."""

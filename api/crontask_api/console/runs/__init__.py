"""Runs of all tasks and of one: from the history, or from what the statuses hold."""

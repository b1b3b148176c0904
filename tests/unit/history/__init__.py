"""The operator's way to the history, with a store in memory."""

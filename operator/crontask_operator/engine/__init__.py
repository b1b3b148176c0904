"""engine begins what is due of all tasks of this process, and records what has ended."""

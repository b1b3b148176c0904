"""crontask_history keeps every run in SQL, for the operator that writes and the facade that reads.

What is here imports no library; what speaks SQL is in ``crontask_history.sql``, which
`opening.open_history` loads when there is a URL.
"""

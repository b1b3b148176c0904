"""sql keeps the history in PostgreSQL or SQLite, through SQLAlchemy's Core.

Nothing outside of it knows a word of SQL, and nothing imports it but `opening`.
"""

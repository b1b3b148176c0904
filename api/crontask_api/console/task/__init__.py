"""One task whole: what it is, when it runs next, and what came of its runs."""

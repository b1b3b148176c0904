"""Connections of clients: what uvicorn serves, within bounds that need no token."""

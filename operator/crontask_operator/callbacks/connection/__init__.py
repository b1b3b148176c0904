"""A connection to a target: TLS, a proxy on the way, and HTTP/1.1 on it."""

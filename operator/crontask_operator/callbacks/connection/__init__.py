"""connection speaks HTTP/1.1 with a target, by TLS and proxies, for the HTTP callback."""

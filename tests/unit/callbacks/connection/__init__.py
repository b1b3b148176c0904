"""Connections, proxies and TLS."""

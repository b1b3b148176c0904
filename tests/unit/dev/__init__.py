"""Tests of the development tools that need no API server."""

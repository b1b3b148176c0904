"""Requests and responses: what is validated, and what the OpenAPI document shows."""

"""The interface described: as an OpenAPI document, and as pages for people."""

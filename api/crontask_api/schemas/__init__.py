"""schemas says what requests and responses hold, for validation and the OpenAPI document."""

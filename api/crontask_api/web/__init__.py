"""HTTP in general: bodies, the envelope, errors, and what surrounds every request."""

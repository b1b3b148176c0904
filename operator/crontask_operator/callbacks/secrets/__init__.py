"""secrets reads Secrets for calls, and keeps them out of what is told of these."""

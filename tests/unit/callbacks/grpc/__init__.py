"""gRPC callbacks."""

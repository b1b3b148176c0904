"""The gRPC callback."""

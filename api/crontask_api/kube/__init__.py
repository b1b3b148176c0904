"""The facade's way to the Kubernetes API."""

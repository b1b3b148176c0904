"""What the operator and the facade share of how to talk to the Kubernetes API.

Nothing here opens a connection: each of the two has its own.
"""

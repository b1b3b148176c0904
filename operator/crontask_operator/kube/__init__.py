"""What the operator asks of the API server besides watching."""

"""versions holds the steps, each with the one before it; none is changed once released."""

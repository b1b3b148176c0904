"""What the endpoints do: items in, results out."""

"""The endpoints: read, delegate, answer."""

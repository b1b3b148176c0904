"""addresses decides for every call where it may go, by host, addresses and deny list."""

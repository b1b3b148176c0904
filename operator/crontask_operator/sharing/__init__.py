"""Fair shares: what all namespaces use together is handed out in turns, and bounded."""

"""process has settings, clock, log and metrics: what holds for the whole operator."""

"""The process: its settings, clock, log, metrics, and what holds for all of it."""

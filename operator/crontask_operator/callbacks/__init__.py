"""The protocols that a CronTask can call."""

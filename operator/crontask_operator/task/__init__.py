"""task holds what is known of one CronTask, for the engine that decides and the API."""

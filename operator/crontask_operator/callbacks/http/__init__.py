"""http makes the HTTP calls of CronTasks, for the router."""

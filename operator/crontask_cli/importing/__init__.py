"""importing reads what other schedulers keep, and makes CronTasks of it, a module for each."""

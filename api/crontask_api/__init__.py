"""crontask_api serves the documented crontab endpoints over CronTasks, for HTTP clients."""

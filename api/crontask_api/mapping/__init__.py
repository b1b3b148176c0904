"""mapping turns documented items into CronTasks and back, for the services; it is pure."""

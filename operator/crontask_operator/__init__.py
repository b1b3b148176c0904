"""The operator: watches CronTasks, calls their targets on time, records every run."""

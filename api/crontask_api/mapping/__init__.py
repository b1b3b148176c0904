"""Between the documented items and CronTask objects: pure functions, both ways."""

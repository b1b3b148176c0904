"""The HTTP facade: the documented crontab endpoints over CronTask resources."""

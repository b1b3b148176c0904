"""The form for a task: what a CronTask can say as fields of a page, and back."""

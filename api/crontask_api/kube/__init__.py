"""kube reads and writes CronTasks in the Kubernetes API, for the services."""

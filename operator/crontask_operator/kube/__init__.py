"""kube asks the API server for what the operator needs besides watching tasks."""

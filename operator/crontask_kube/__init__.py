"""crontask_kube talks to the Kubernetes API for the operator and the facade."""

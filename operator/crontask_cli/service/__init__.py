"""service reaches tasks for the commands: in the cluster, or through a facade."""

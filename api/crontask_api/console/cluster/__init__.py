"""How the operator is: its replicas, and who owns which shard."""

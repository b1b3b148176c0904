"""grpc makes the gRPC calls of CronTasks, for the router."""

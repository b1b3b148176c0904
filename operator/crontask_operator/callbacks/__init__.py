"""callbacks makes the calls of CronTasks, by HTTP or gRPC, for the engine."""

import os

# grpcio writes failed handshakes to stderr on its own, between the lines of the log.
# What matters of them is in the record of the run. It reads this once, when imported.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

"""history leads rows of attempts from the engine to the database, beside firing."""

"""The run's memory: the database that every process of a run reads and writes, and what people read of it."""

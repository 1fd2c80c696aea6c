"""What is read out of a run's files, in the query worker."""

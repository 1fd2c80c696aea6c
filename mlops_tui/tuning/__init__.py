"""Search spaces, objective, study; one file an estimator family."""

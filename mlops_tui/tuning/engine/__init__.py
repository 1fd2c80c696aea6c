"""What loads Optuna and scikit-learn; runs in a worker."""

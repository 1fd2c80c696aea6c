"""Batch prediction: what needs DuckDB and scikit-learn."""

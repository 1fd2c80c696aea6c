"""What reads and profiles data files: loads DuckDB, NumPy, pandas and DataSketches, so only a worker imports it."""

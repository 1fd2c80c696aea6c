"""Tuning beside plain Optuna, on tables of many kinds; hours in all, cut into cells that are kept as they are done."""

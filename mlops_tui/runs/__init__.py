"""Runs, parameters, metrics, artifacts."""

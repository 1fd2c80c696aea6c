"""Errors, ids, clock, settings: what every room stands on."""

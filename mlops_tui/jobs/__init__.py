"""Detached processes: spawning, supervising, states, cancelling, logs."""

"""What a user's own script calls."""

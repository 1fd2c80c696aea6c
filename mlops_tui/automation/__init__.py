"""When the agent lives, and what it does."""

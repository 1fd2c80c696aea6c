"""Terminal charts without a UI."""

"""Windows and drift."""

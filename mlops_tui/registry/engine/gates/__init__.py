"""The gates: what each looks at, and what it says of a version."""

"""Models, versions, aliases, gates, model files."""

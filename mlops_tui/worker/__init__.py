"""The process that loads the engines."""

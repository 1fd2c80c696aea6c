"""The one background process of a workspace."""

"""What screens are made of: each panel is empty, loading, failed or filled, on purpose."""

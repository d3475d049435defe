"""What a strategy does to transactions."""

"""What is asked before something is done, and said before something is lost."""

"""Published tasks and peers, each run by one command."""

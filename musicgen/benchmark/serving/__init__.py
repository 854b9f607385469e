"""The service under load: a server of its own, and clients in another process."""

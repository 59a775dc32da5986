"""The web server's worker: slow clients cost a socket, never a thread (decision 0028)."""

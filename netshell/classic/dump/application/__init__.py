"""tcpdump's text of what TCP and UDP carry, by port: ``ports`` is the table."""

"""tcpdump's text of IP, of what goes with it, and of the transports: RFC 9293's and others."""

"""tcpdump's text of link layers: what stands before the IP header, or instead of it."""

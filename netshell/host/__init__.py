"""What this machine knows: sockets, interfaces, routes, processes."""

"""Redis on the wire."""

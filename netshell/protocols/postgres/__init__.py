"""PostgreSQL on the wire."""

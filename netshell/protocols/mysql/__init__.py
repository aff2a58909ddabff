"""MySQL and MariaDB on the wire."""

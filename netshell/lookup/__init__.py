"""Names to addresses and back: dnspython and the system's resolver behind one door."""

"""dig: its command line, its conversations with servers, and its text.

``line`` reads the command line into lookups, ``conversation`` asks and says what happens on the
way, ``walk`` follows a name from the root, ``transfer`` takes zones; ``message``, ``edns`` and
``rdata`` are the text of what came.
"""

"""What flows say: streams in, messages out.

``api`` is what a decoder is; each protocol has a folder of its own, and a line in ``decoders``.
``talk`` reads one conversation with them: which one it is, what follows a switch to another one,
what none can read. Pure: bytes and times in, values out.
"""

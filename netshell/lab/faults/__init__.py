"""What goes wrong on the lab's wire, on purpose: each kind of fault in a file of its own.

- ``losing``: a socket that is deaf to some segments (a classic BPF filter on it, in every kernel);
- ``holding``: an interface that keeps its packets until it is told to let them go (TBF);
- ``repeating``: a frame that is put on the wire once more (a packet socket);
- ``patience``: a route on which a sender takes its time before it sends again (rto_min);
- ``silence``: a firewall that drops without a word (nftables), or the first where there is none.

All of it is of a host's own namespaces: no root, and nothing outside of them changes. What a kernel
lacks is refused in one line.
"""

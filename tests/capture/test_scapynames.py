"""Interfaces whose names are no text: the kernel allows any bytes."""

from __future__ import annotations

from inlab import python

from netshell.lab.wire import Wire

RENAME = (
    "import fcntl, socket, struct\n"
    "onhost.ip('link', 'add', 'rawx', 'type', 'veth', 'peer', 'name', 'rawp')\n"
    "with socket.socket() as asked:\n"
    "    SIOCSIFNAME = 0x8923\n"
    "    fcntl.ioctl(asked, SIOCSIFNAME, struct.pack('16s24s', b'rawx', b'v\\xff\\xfe'))\n"
    "    SIOCSIFFLAGS, IFF_UP = 0x8914, 1\n"
    "    fcntl.ioctl(asked, SIOCSIFFLAGS, struct.pack('16sH22x', b'v\\xff\\xfe', IFF_UP))\n"
    "onhost.ip('link', 'set', 'rawp', 'up')\n"
)


def test_a_name_that_is_not_utf8(wire: Wire) -> None:
    code = (
        RENAME + "shown = next(i.name for i in ifaces() if i.name.startswith('v'))\n"
        "frame = b'\\xff' * 6 + b'\\x02\\0\\0\\0\\0\\x99\\x88\\xb6' + b'\\0' * 50\n"
        "for name in (shown, 'v\\udcff\\udcfe'):\n"
        "    cap = sniff('ether proto 0x88b6', iface=name)\n"
        "    onhost.eventually(lambda: onhost.nics()[shown].flags & onhost.IFF_RUNNING)\n"
        "    onhost.send_frames('rawp', [frame])\n"
        "    cap.wait(count=1, seconds=60).stop()\n"
        "    print(cap.ifaces == cap.names == (shown,), cap[0].iface == shown, len(cap))\n"
        "print(sniff(iface='lo').stop().names, shown)\n"
    )
    assert python(wire, code) == "True True 1\nTrue True 1\n('lo',) v\\xff\\xfe\n"


def test_an_interface_that_is_named_any(wire: Wire) -> None:
    code = (
        "onhost.ip('link', 'add', 'name', 'any', 'type', 'veth')\n"
        "print(str(sniff(iface='any').stop()).splitlines()[-1])\n"
    )
    assert python(wire, code) == (
        '"any" is every interface that is up; the one that is named any, too, '
        "cannot be chosen alone: rename it\n"
    )

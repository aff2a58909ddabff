"""Secrets of messages, asked of those alone whose bytes are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from netshell.protocols.api import Message, Part
from netshell.protocols.secrets_of import SecretsOf

asked: list[int] = []


@dataclass(frozen=True, kw_only=True, repr=False)
class Ten(Message):
    """Ten bytes of the client, of which three are secret; who asks for these is noted."""

    def __getattribute__(self, name: str) -> Any:
        if name != "secrets":
            return object.__getattribute__(self, name)
        at = self.parts[0].begin
        asked.append(at)
        return (("client", at + 5, at + 8), ("server", at, at + 1))


def test_only_messages_in_the_stretch_are_asked() -> None:
    messages = [Ten(kind="ten", parts=(Part("client", at, at + 10, 0, 0),))
                for at in range(0, 1000, 10)]  # fmt: skip
    secrets = SecretsOf(messages, "client")
    assert not asked
    assert secrets.within(495, 512) == ((495, 498), (505, 508))
    assert asked == [490, 500, 510]
    assert secrets.within(496, 497) == ((495, 498),)
    assert secrets.within(0, 0) == () and secrets.within(2000, 3000) == ()
    assert len(secrets.within(0, 1000)) == 100
    assert SecretsOf(messages, "server").within(0, 1000) == ()

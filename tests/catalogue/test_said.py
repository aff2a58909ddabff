"""Texts that know how to say themselves in another language."""

from __future__ import annotations

import copy
import pickle

from netshell.catalogue.said import Said, again


def test_a_text_is_said_again_with_its_values() -> None:
    said = Said("teardown.why.half", side=Said("side.server"))
    assert said.startswith("the server's program has not closed its socket")
    assert again(said, "ko").startswith("서버의 프로그램이 소켓을 닫지 않았습니다")
    assert again(said, "en") == said
    assert isinstance(said, str) and again("plain", "ko") == "plain"


def test_it_survives_being_copied_and_pickled() -> None:
    said = Said("teardown.drawn.packet", packet=7)
    for other in (copy.deepcopy(said), pickle.loads(pickle.dumps(said))):
        assert other == said == "packet 7 came for it"
        assert again(other, "ko") == "그 연결로 패킷 7이 왔습니다"

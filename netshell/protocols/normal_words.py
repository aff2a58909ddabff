"""Words of SQL that are written in capitals in a normalised statement."""

from __future__ import annotations

_WORDS = """
    add all alter analyze and any array as asc asymmetric authorization begin between both by
    call cascade case cast check checkpoint close cluster collate column commit constraint copy
    create cross current cursor database deallocate declare default delete desc describe discard
    distinct div do drop duplicate else end escape except exclude execute exists explain fetch
    filter first following for force foreign from full function grant group grouping handler
    having if ignore ilike in index inner insert intersect interval into is isolation join key
    kill last lateral leading left level like limit listen load local lock locked materialized
    merge minus mod natural no not nothing notify nowait null nulls of offset on only or order
    outer over overlaps partition preceding prepare primary procedure range read references
    reindex release rename replace reset restrict returning revoke right rollback row rows
    savepoint schema select session set share show similar skip some start straight_join
    symmetric table tables then to trailing transaction trigger truncate unbounded union unique
    unlisten unlock update use using vacuum value values view when where window with without
    work write xor
"""
KEYWORDS = frozenset(_WORDS.split())
"""In small letters. Of those that are often names ("name", "user", "date"), none is here."""

CONSTANTS = frozenset(("null", "true", "false", "default"))
"""What a list of values may have beside literals."""

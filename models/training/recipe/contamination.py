"""Which lines of held-out documents also occur in the training documents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

SHORTEST = 10  # characters: shorter lines (`});`) occur everywhere and say nothing


def key(line: str) -> int | None:
    """64 bits of a line without its blanks around, None for a line that is too short to count."""
    line = line.strip()
    if len(line) < SHORTEST:
        return None
    return int.from_bytes(hashlib.blake2b(line.encode(), digest_size=8).digest(), "little")


def line_keys(texts: Iterable[str]) -> set[int]:
    """The keys of all lines that count."""
    return {k for text in texts for line in text.split("\n") if (k := key(line)) is not None}


def seen_lines(text: str, training: set[int]) -> list[int]:
    """Indices of the lines that occur in training too."""
    return [index for index, line in enumerate(text.split("\n")) if key(line) in training]


def counted_lines(text: str) -> int:
    """How many lines are long enough to count."""
    return sum(key(line) is not None for line in text.split("\n"))

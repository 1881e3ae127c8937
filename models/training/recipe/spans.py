"""Chooses which characters of a text are to be filled in.

The kinds are what the product asks for: mostly the rest of a line, from any character, so also from within a word.
Their shares are weights of `KINDS`. Most end where a line ends, so that the model learns to stop there.
"""

from __future__ import annotations

import math
from random import Random

KINDS = {
    "rest of line": 0.50,
    "whole line": 0.12,
    "lines": 0.08,
    "block": 0.10,
    "within line": 0.13,
    "anywhere": 0.05,
    "nothing": 0.02,
}

COMMENTS = ("*", "//", "/*", "#", '"""')
TRIES = 8
MOST_BLOCK_LINES = 16


def choose_span(text: str, rng: Random) -> tuple[int, int]:
    """Offsets in characters of a middle, `start <= end`. Lines with almost nothing on them are avoided."""
    place = 0
    for _ in range(TRIES):
        place = rng.randrange(len(text))
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        start, first, end = line_at(text, place)
        is_comment = text.startswith(COMMENTS, first)
        if end - first < 4 or is_comment and rng.random() < 0.7:
            continue
        span = span_of(kind, text, (start, first, end), place, rng)
        if span is not None and (kind == "nothing" or text[span[0] : span[1]].strip()):
            return span
    return place, min(len(text), place + 1)


def span_of(kind: str, text: str, line: tuple[int, int, int], place: int, rng: Random) -> tuple[int, int] | None:
    start, first, end = line
    inside = rng.randint(first, end - 1)
    if kind == "rest of line":
        return inside, end
    if kind == "whole line":
        return (first if rng.random() < 0.75 else start), end
    if kind == "lines":
        return (first if rng.random() < 0.5 else inside), lines_further(text, end, rng.randint(1, 5))
    if kind == "block":
        return block_under(text, start, first, end)
    if kind == "within line":
        return inside, min(end, inside + short(rng, 28))
    if kind == "anywhere":
        return place, min(len(text), place + short(rng, 300))
    return end, end  # nothing is missing: the model has to end at once


def line_at(text: str, place: int) -> tuple[int, int, int]:
    """Where the line begins, where its first character that is no blank is, and where it ends (its line break)."""
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    end = len(text) if end < 0 else end
    first = start
    while first < end and text[first] in " \t":
        first += 1
    return start, first, end


def lines_further(text: str, end: int, count: int) -> int:
    for _ in range(count):
        following = text.find("\n", end + 1)
        if following < 0:
            break
        end = following
    return end


def block_under(text: str, start: int, first: int, end: int) -> tuple[int, int] | None:
    """The lines below that are indented further than this one, from their first character that is no blank."""
    depth, begin, last = first - start, None, end
    for _ in range(MOST_BLOCK_LINES):
        if last + 1 >= len(text):
            break
        _, below, below_end = line_at(text, last + 1)
        if below < below_end and below - (last + 1) <= depth:
            break
        if begin is None and below < below_end:
            begin = below
        last = below_end
    if begin is None:
        return None
    return begin, begin + len(text[begin:last].rstrip())


def short(rng: Random, most: int) -> int:
    """Log-uniform, from 1."""
    return max(1, round(math.exp(rng.uniform(0.0, math.log(most)))))

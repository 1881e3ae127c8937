"""Turns a piece of a document into the tokens of one training unit.

A unit is plain text, or a fill-in-the-middle task in SPM order, the order the product prompts in:

    [<|repo_name|> name] (<|file_sep|> path text)* [<|file_sep|> path]
    <|fim_prefix|> <|fim_suffix|> suffix <|fim_middle|> prefix middle <|endoftext|>

Cuts are made between characters and each part is encoded by itself, as the engine does; mostly the last word before the
caret goes to the middle, which is what the engine's token healing makes of a prompt. SPM: Bavarian et al.,
arXiv 2207.14255, section 4.3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from recipe.documents import Document
from recipe.healing import last_word
from recipe.spans import choose_span
from recipe.tokenizer import Codec

PAD, TEXT, MIDDLE, END = range(4)

LEAST_ROOM = 24
LEAST_ROOM_FOR_CONTEXT = 160

NAME = re.compile(r"[A-Za-z_]\w{2,}")
DECLARATION = re.compile(
    r"^.*\b(?:class|function|const|let|var|interface|type|enum|def|func|fn|struct|trait|impl|namespace|#define)\s+"
    r"(\w+)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Unit:
    """Token ids and for each its kind (PAD, TEXT, MIDDLE, END), of equal length."""

    ids: list[int]
    kinds: list[int]


@dataclass(frozen=True)
class Mix:
    """Shares of what units are made of."""

    plain: float = 0.12
    # Units that begin with other files of the package, those that the file imports first.
    context: float = 0.25
    # Middles that begin with the last word before the caret; the others begin at any character.
    healed: float = 0.8


def plain_unit(codec: Codec, piece: str, is_last: bool, room: int) -> Unit:
    ids = codec.encode(piece) + ([codec.end] if is_last else [])
    return Unit(ids[:room], [TEXT] * min(room, len(ids)))


def fim_unit(
    codec: Codec, piece: str, document: Document, documents: list[Document], rng: Random, room: int, mix: Mix
) -> Unit | None:
    """None where the piece is too short, or its middle too long for the room."""
    if room < LEAST_ROOM or len(piece) < 40:
        return None
    start, end = choose_span(piece, rng)
    if rng.random() < mix.healed:
        start -= len(last_word(codec, piece[:start]))
    middle = codec.encode(piece[start:end])
    if len(middle) > room // 2:
        return None
    head: list[int] = []
    if room >= LEAST_ROOM_FOR_CONTEXT and rng.random() < mix.context:
        budget = min(int(room * rng.uniform(0.15, 0.4)), room - len(middle) - LEAST_ROOM)
        head = context_head(codec, document, documents, piece, rng, budget)
    prefix = codec.encode(piece[:start])
    suffix = shape_suffix(codec, piece[end:], rng)
    prefix, suffix = trim(prefix, suffix, room - len(head) - len(middle) - 4)
    before = [*head, codec.prefix, codec.suffix, *suffix, codec.middle, *prefix]
    return Unit([*before, *middle, codec.end], [TEXT] * len(before) + [MIDDLE] * len(middle) + [END])


def shape_suffix(codec: Codec, text: str, rng: Random) -> list[int]:
    """All of it, a short window, nothing (the end of a new file), or only what stands some lines further down."""
    draw = rng.random()
    if draw < 0.15:
        return []
    if draw < 0.30:
        for _ in range(rng.randint(1, 12)):
            text = text.partition("\n")[2]
        text = "\n" + text if text else ""
    ids = codec.encode(text)
    return ids[: rng.choice((16, 32, 64, 96, 128))] if draw > 0.60 else ids


def trim(prefix: list[int], suffix: list[int], room: int) -> tuple[list[int], list[int]]:
    """Drops the far ends: three quarters of the room go to the prefix, and to each what the other leaves."""
    room = max(0, room)
    for_suffix = max(room // 4, room - len(prefix))
    suffix = suffix[:for_suffix]
    for_prefix = room - len(suffix)
    return (prefix[-for_prefix:] if for_prefix else []), suffix


def context_head(
    codec: Codec, document: Document, documents: list[Document], piece: str, rng: Random, budget: int
) -> list[int]:
    """The imported files before the file, each with its path, and the file's own path; empty where none fits."""
    own = [codec.file, *codec.encode(f"{document.path}\n")]
    # Not always there: the product leaves the repository's name out.
    name = [codec.repository, *codec.encode(f"{document.package}\n")] if rng.random() < 0.3 else []
    imported = list(document.imports)
    rng.shuffle(imported)
    head: list[int] = []
    for index in imported:
        left = budget - len(own) - len(name) - len(head)
        if left < 40:
            break
        other = documents[index]
        window = codec.encode(f"{other.path}\n" + window_of(other.text, piece, rng, left))
        head += [codec.file, *window[: rng.randint(40, left) - 1]]
    return [*name, *head, *own] if head else []


def window_of(text: str, piece: str, rng: Random, tokens: int) -> str:
    """A part of an imported file, mostly from where something is declared that the piece names."""
    wanted = set(NAME.findall(piece))
    places = [match.start() for match in DECLARATION.finditer(text) if match[1] in wanted]
    if places and rng.random() < 0.8:
        start = rng.choice(places)
    else:
        start = text.rfind("\n", 0, rng.randrange(len(text))) + 1 if rng.random() < 0.5 else 0
    return text[start : start + tokens * 6]

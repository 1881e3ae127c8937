"""An endless, exactly resumable stream of training rows.

Documents are spread over LANES lanes. A lane walks through its documents, each epoch in another order, cuts them into
pieces, and packs the pieces' units into rows. Everything random is drawn from (seed, epoch, document, offset), so a
lane's position (three integers) says all that is to come. Batch k comes from lane k modulo LANES, whoever computes it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np

from recipe.documents import Document
from recipe.tokenizer import Codec
from recipe.units import LEAST_ROOM, PAD, Mix, fim_unit, plain_unit

LANES = 8
SLOPPY_END = 160  # characters that a piece may be longer, to end with its line


@dataclass
class Position:
    """Where a lane is: the epoch, how many of its documents are done, and the character in the present one."""

    epoch: int = 0
    done: int = 0
    offset: int = 0


@dataclass(frozen=True)
class StreamOptions:
    seed: int
    context: int
    """Tokens of a row; rows hold one more, since inputs and targets are shifted."""
    mix: Mix
    weights: dict[str, float]
    """Mean copies of a document per epoch, by language; 1 where a language is not named."""
    shortest: int = 96
    characters_per_token: float = 3.3


class Lane:
    """Rows of one lane, from a position on."""

    def __init__(
        self, index: int, documents: list[Document], codec: Codec, options: StreamOptions, position: Position
    ) -> None:
        self.index, self.documents, self.codec, self.options = index, documents, codec, options
        self.position = Position(**vars(position))
        self._order = self._epoch_order()

    def row(self) -> tuple[list[int], list[int]]:
        """Token ids and kinds, `context + 1` of each."""
        size = self.options.context + 1
        ids: list[int] = []
        kinds: list[int] = []
        while size - len(ids) >= LEAST_ROOM:
            unit_ids, unit_kinds = self._unit(size - len(ids))
            ids += unit_ids
            kinds += unit_kinds
        padding = size - len(ids)
        return ids + [self.codec.end] * padding, kinds + [PAD] * padding

    def _unit(self, room: int) -> tuple[list[int], list[int]]:
        at, options = self.position, self.options
        number = self._order[at.done]
        document = self.documents[number]
        rng = Random(f"{options.seed}/{at.epoch}/{at.done}/{number}/{at.offset}")
        least = min(options.shortest, room)
        # Log-uniform up to the room: short pieces are many, and long ones hold as many tokens.
        wanted = int(math.exp(rng.uniform(math.log(least), math.log(room))) * options.characters_per_token)
        end = piece_end(document.text, at.offset, wanted)
        piece = document.text[at.offset : end]
        is_last = end == len(document.text)
        unit = None
        if rng.random() >= options.mix.plain:
            unit = fim_unit(self.codec, piece, document, self.documents, rng, room, options.mix)
        unit = unit or plain_unit(self.codec, piece, is_last, room)
        if is_last:
            self._next_document()
        else:
            at.offset = end
        return unit.ids, unit.kinds

    def _next_document(self) -> None:
        at = self.position
        at.done, at.offset = at.done + 1, 0
        if at.done == len(self._order):
            at.epoch, at.done = at.epoch + 1, 0
            self._order = self._epoch_order()

    def _epoch_order(self) -> np.ndarray:
        """Numbers of this lane's documents; a document may occur twice, or not at all, by its language's weight."""
        rng = np.random.default_rng([self.options.seed, self.position.epoch])
        weights = np.array([self.options.weights.get(d.language, 1.0) for d in self.documents])
        copies = np.floor(weights + rng.random(len(weights))).astype(np.int64)
        mine = rng.permutation(np.repeat(np.arange(len(weights)), copies))[self.index :: LANES]
        # A list smaller than the number of lanes must not leave a lane without any.
        return mine if len(mine) else np.array([self.index % len(self.documents)])


def piece_end(text: str, start: int, wanted: int) -> int:
    """Where a piece of about `wanted` characters ends: with a line if one ends soon, and never just before the end."""
    end = start + wanted
    if end + SLOPPY_END >= len(text):
        return len(text)
    line_end = text.find("\n", end, end + SLOPPY_END)
    return line_end + 1 if line_end >= 0 else end


class Stream:
    """Batches from step `first` on; worker `w` of `n` makes every n-th of them."""

    def __init__(
        self,
        documents: list[Document],
        codec: Codec,
        options: StreamOptions,
        batch: int,
        first: int,
        positions: list[Position],
    ) -> None:
        self.batch, self.first = batch, first
        self.lanes = [Lane(i, documents, codec, options, at) for i, at in enumerate(positions)]

    def batches(self, worker: int = 0, workers: int = 1) -> Iterator[tuple[np.ndarray, np.ndarray, int, Position]]:
        """Yields ids (int32) and kinds (uint8) [batch, context + 1], the lane, and its position afterwards."""
        if LANES % workers != 0:
            raise ValueError(f"{workers} workers cannot share {LANES} lanes")
        step = self.first + worker
        while True:
            lane = self.lanes[step % LANES]
            rows = [lane.row() for _ in range(self.batch)]
            ids = np.array([row[0] for row in rows], dtype=np.int32)
            kinds = np.array([row[1] for row in rows], dtype=np.uint8)
            yield ids, kinds, step % LANES, Position(**vars(lane.position))
            step += workers

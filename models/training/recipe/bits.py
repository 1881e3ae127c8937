"""Bits per byte: what a language model is measured by when tokenizers differ."""

from __future__ import annotations

import math
from collections import Counter
from random import Random

import torch

from recipe.documents import Document
from recipe.model import Llama
from recipe.tokenizer import Codec

LONGEST_TEXT = 12_000  # characters of a document, from its beginning
BATCH = 8


@torch.no_grad()
def bits_per_byte(
    model: Llama, codec: Codec, documents: list[Document], bytes_per_language: int, seed: int = 1
) -> dict[str, float]:
    """By language and over all, of a random sample, as plain text in rows of at most the model's context."""
    nats, sizes = Counter[str](), Counter[str]()
    rows: list[tuple[str, list[int]]] = []
    longest = min(model.shape.context, 1024)
    for index in Random(seed).sample(range(len(documents)), len(documents)):
        document = documents[index]
        if sizes[document.language] >= bytes_per_language:
            continue
        text = document.text[:LONGEST_TEXT]
        sizes[document.language] += len(text.encode())
        ids = [codec.end, *codec.encode(text)]
        # Rows overlap by one token: the last one of a row is what the next row begins with.
        rows += [(document.language, ids[at : at + longest + 1]) for at in range(0, len(ids) - 1, longest)]
    rows.sort(key=lambda row: len(row[1]))
    for first in range(0, len(rows), BATCH):
        part = rows[first : first + BATCH]
        for (language, _), total in zip(part, nats_of(model, [ids for _, ids in part], codec.end)):
            nats[language] += total
    out = {language: nats[language] / sizes[language] / math.log(2) for language in sorted(sizes)}
    out["all"] = sum(nats.values()) / max(1, sum(sizes.values())) / math.log(2)
    return {language: round(value, 4) for language, value in out.items()}


def nats_of(model: Llama, rows: list[list[int]], padding: int) -> list[float]:
    """The summed nats of each row's tokens but the first; rows may differ in length."""
    device = next(model.parameters()).device
    width = max(map(len, rows))
    ids = torch.tensor([row + [padding] * (width - len(row)) for row in rows], device=device)
    losses = model.losses(ids)
    return [losses[index, : len(row) - 1].sum().item() for index, row in enumerate(rows)]

"""Greedy decoding with a cache of keys and values, and token healing."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from recipe.model import Llama
from recipe.tokenizer import Codec
from recipe.units import trim


@dataclass(frozen=True)
class Completion:
    text: str
    """What stands behind the characters that were typed."""
    ids: list[int]
    ended: bool
    """Whether the model itself wrote a control token; else it was cut off."""


def fim_prompt(codec: Codec, prefix: str, suffix: str, room: int) -> list[int]:
    """The product's prompt in SPM order, of at most `room` tokens: three quarters of them before the caret."""
    # More characters than room holds would only be encoded to be dropped.
    before, after = codec.encode(prefix[-room * 8 :]), codec.encode(suffix[: room * 8])
    before, after = trim(before, after, room - 3)
    return [codec.prefix, codec.suffix, *after, codec.middle, *before]


@torch.no_grad()
def complete(model: Llama, codec: Codec, prompt: list[int], most: int, typed: str = "") -> Completion:
    """The most likely token, at most `most` times, held to begin with the characters `typed`."""
    device = next(model.parameters()).device
    feed, cache, out = prompt, None, []
    ended = False
    for _ in range(most + 1):
        hidden, cache = model(torch.tensor([feed], device=device), cache, keep=True)
        token = likeliest(model.logits(hidden[:, -1])[0], codec, typed[len(codec.decode(out)) :])
        ended = token in codec.special
        if ended or len(out) == most:
            break
        out.append(token)
        feed = [token]
    return Completion(codec.decode(out)[len(typed) :], out, ended)


def likeliest(logits: Tensor, codec: Codec, left: str) -> int:
    """The likeliest token that begins with the characters `left`, or that they begin with; any where there is none."""
    agreeing = [i for i, text in codec.texts if left.startswith(text) or text.startswith(left)] if left else []
    return agreeing[int(logits[agreeing].argmax())] if agreeing else int(logits.argmax())

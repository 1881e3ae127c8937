"""Greedy decoding with a cache of keys and values."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from recipe.healing import agreeing
from recipe.model import Llama
from recipe.tokenizer import Codec
from recipe.units import trim


@dataclass(frozen=True)
class Completion:
    text: str
    """Behind what was typed."""
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
    """The most likely token, at most `most` times; the first ones write `typed`, which the prompt does not have."""
    device = next(model.parameters()).device
    feed, cache, out, left = prompt, None, [], typed
    for _ in range(most + 1):
        hidden, cache = model(torch.tensor([feed], device=device), cache, keep=True)
        logits = model.logits(hidden[:, -1])
        if left:
            logits = logits.masked_fill(~agreeing(codec.texts, left).to(device), float("-inf"))
        token = int(logits.argmax())
        if token in codec.special or len(out) == most:
            break
        out.append(token)
        left = left[len(codec.texts[token]) :]
        feed = [token]
    return Completion(codec.decode(out)[len(typed) :], out, token in codec.special)


@torch.no_grad()
def complete_lines(
    model: Llama, prompts: list[list[int]], ends: Tensor, most: int, stream: torch.dtype
) -> list[list[int]]:
    """The most likely tokens of every prompt up to the first of `ends` [vocabulary], at most `most`.

    The prompts are of one length, since the model knows no padding. `stream`: precision of the residual stream.
    """
    feed, cache = torch.tensor(prompts, device=ends.device), None
    running = torch.arange(len(prompts), device=ends.device)
    out: list[list[int]] = [[] for _ in prompts]
    for _ in range(most):
        hidden, cache = model(feed, cache, keep=True, stream=stream)
        tokens = model.logits(hidden[:, -1]).argmax(-1)
        for row, token in zip(running.tolist(), tokens.tolist()):
            out[row].append(token)
        left = (~ends[tokens]).nonzero().flatten()
        if len(left) == 0:
            break
        if len(left) < len(running):
            cache = [(keys[left], values[left]) for keys, values in cache]
        running, feed = running[left], tokens[left, None]
    return out

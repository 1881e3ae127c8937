"""Token healing, as the engine does it (`engine/decode/healing.ts`).

A caret mostly stands within what would be one token. The engine takes the last word before it off the prompt and has the
model write it again, held to the characters that stand there; so what the model has to continue ends between words.
"""

from __future__ import annotations

import re

import torch
from torch import Tensor

from recipe.tokenizer import Codec

# The engine's own numbers.
REACH = 64
MOST_TOKENS = 4
CONTINUES_WORD = re.compile(r"[\w$]")


def last_word(codec: Codec, prefix: str) -> str:
    """The characters at the end of a prefix that are written again: its last word or token."""
    ids = codec.encode(prefix[-REACH:])
    start = len(ids) - 1
    while start > 0 and len(ids) - start < MOST_TOKENS and CONTINUES_WORD.match(codec.texts[ids[start]]):
        start -= 1
    typed = "".join(codec.texts[i] for i in ids[max(0, start) :])
    # Nor where a token is a part of a character, which no text would lead to.
    return typed if len(typed) < REACH and prefix.endswith(typed) else ""


def agreeing(texts: list[str], typed: str) -> Tensor:
    """[vocabulary]: which tokens, by their texts, write the typed characters or what they begin with."""
    return torch.tensor([text != "" and (text.startswith(typed) or typed.startswith(text)) for text in texts])

"""Token healing, as the engine does it (`engine/decode/healing.ts`).

A caret mostly stands within what would be one token. The engine takes the last word before it off the prompt and has the
model write it again, held to the characters that stand there; so what the model has to continue ends between words.
"""

from __future__ import annotations

import re

from recipe.tokenizer import Codec

# The engine's own numbers.
REACH = 64
MOST_TOKENS = 4
CONTINUES_WORD = re.compile(r"[\w$]")


def last_word(codec: Codec, prefix: str) -> str:
    """The characters at the end of a prefix that are written again: its last word or token."""
    ids = codec.encode(prefix[-REACH:])
    start = len(ids) - 1
    while start > 0 and len(ids) - start < MOST_TOKENS and CONTINUES_WORD.match(codec.decode([ids[start]])):
        start -= 1
    typed = codec.decode(ids[max(0, start) :])
    return typed if len(typed) < REACH and prefix.endswith(typed) else ""

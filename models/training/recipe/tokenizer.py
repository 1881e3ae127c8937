"""Trains and reads the tokenizer: byte-level BPE in Hugging Face's tokenizer.json.

The pre-tokenizer's pattern is Qwen2's (arXiv 2407.10671): words with the blank before them, single digits, runs of
punctuation. Needs the package `tokenizers`; prepare.py fetches it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from recipe import tokens
from recipe.documents import Document

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

SAMPLE_BYTES = 60_000_000


def train_tokenizer(documents: list[Document], vocabulary: int, path: Path) -> None:
    """Learns merges from a sample of at most 60 MB and writes tokenizer.json; the control tokens get ids 0 to 6."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE())
    byte_level = {"add_prefix_space": False, "use_regex": False}
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(PATTERN), "isolated"), pre_tokenizers.ByteLevel(**byte_level)]
    )
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False, **byte_level)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=list(tokens.SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        max_token_length=32,
        show_progress=False,
    )
    tokenizer.train_from_iterator(sample(documents), trainer)
    tokenizer.save(str(path))


def sample(documents: list[Document]) -> Iterator[str]:
    order = random.Random(0).sample(range(len(documents)), len(documents))
    size = 0
    for index in order:
        yield documents[index].text
        size += documents[index].size
        if size > SAMPLE_BYTES:
            return


def bytes_per_token(tokenizer: Codec, documents: list[Document]) -> dict[str, float]:
    """By language, of at most 200 documents each."""
    taken, size, count = Counter[str](), Counter[str](), Counter[str]()
    for document in documents:
        if taken[document.language] < 200:
            taken[document.language] += 1
            size[document.language] += document.size
            count[document.language] += len(tokenizer.encode(document.text))
    return {language: round(size[language] / max(1, count[language]), 2) for language in sorted(taken)}


class Codec:
    """A tokenizer.json: text to token ids and back, and the ids of the control tokens."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.size: int = tokenizer.get_vocab_size()
        self.end, self.prefix, self.middle, self.suffix, self.pad, self.repository, self.file = (
            self._id(token) for token in tokens.SPECIAL
        )
        self.special = frozenset(self._id(token) for token in tokens.SPECIAL)
        # What each token stands for by itself; nothing for control tokens, U+FFFD for a part of a character.
        self.texts = ["" if i in self.special else tokenizer.decode([i]) for i in range(self.size)]

    @classmethod
    def read(cls, path: Path) -> Codec:
        from tokenizers import Tokenizer

        return cls(Tokenizer.from_file(str(path)))

    def encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids if text else []

    def decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=False)

    def _id(self, token: str) -> int:
        found = self._tokenizer.token_to_id(token)
        if found is None:
            raise ValueError(f"the tokenizer has no token {token}")
        return found

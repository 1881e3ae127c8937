"""Exact and near duplicates: MinHash signatures and banding (Broder 1997; Leskovec et al., "Mining of Massive
Datasets", section 3.4), over shingles of five words.
"""

from __future__ import annotations

import hashlib
import re
import zlib

import numpy as np

SHINGLE = 5
PERMUTATIONS = 64
ROWS = 4  # of a band: 16 bands of 4 rows find a pair of Jaccard 0.7 with probability 0.99
SIMILAR = 0.7

WORD = re.compile(r"\w+|[^\w\s]")
HALF = np.uint64(32)


class Duplicates:
    """Remembers every text that was kept. Give it the texts that matter most first: test, validation, training."""

    def __init__(self, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        # Multiply-shift hashing of 32-bit keys (Dietzfelbinger et al. 1997): odd factors, modulo 2^64 by overflow.
        self._a = rng.integers(0, 1 << 63, PERMUTATIONS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        self._b = rng.integers(0, 1 << 63, PERMUTATIONS, dtype=np.uint64)
        self._exact: set[bytes] = set()
        self._bands: dict[tuple[int, bytes], list[int]] = {}
        self._signatures: list[np.ndarray] = []

    def check(self, text: str) -> str | None:
        """`exact` or `near` where the text repeats one that was kept; else None, and the text is kept."""
        digest = hashlib.blake2b(" ".join(text.split()).encode(), digest_size=16).digest()
        if digest in self._exact:
            return "exact"
        signature = self.signature(text)
        bands = [(band, signature[band * ROWS : (band + 1) * ROWS].tobytes()) for band in range(PERMUTATIONS // ROWS)]
        candidates = {index for band in bands for index in self._bands.get(band, ())}
        if any(np.mean(self._signatures[index] == signature) >= SIMILAR for index in candidates):
            return "near"
        self._exact.add(digest)
        for band in bands:
            self._bands.setdefault(band, []).append(len(self._signatures))
        self._signatures.append(signature)
        return None

    def signature(self, text: str) -> np.ndarray:
        """uint64 [PERMUTATIONS]: for each hash function the least value over the text's shingles."""
        words = np.fromiter((zlib.crc32(word.encode()) for word in WORD.findall(text)), dtype=np.uint64)
        words = words if len(words) >= SHINGLE else np.pad(words, (0, SHINGLE - len(words)))
        count = len(words) - SHINGLE + 1
        shingles = np.zeros(count, dtype=np.uint64)
        for offset in range(SHINGLE):
            shingles = shingles * np.uint64(1_000_003) + words[offset : offset + count]
        shingles = np.unique((shingles ^ (shingles >> HALF)) & np.uint64(0xFFFFFFFF))
        least = [((shingles * a + b) >> HALF).min() for a, b in zip(self._a, self._b)]
        return np.array(least, dtype=np.uint64)

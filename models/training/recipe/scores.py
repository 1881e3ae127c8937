"""How good a completion is: pure functions of texts and token ids."""

from __future__ import annotations

import re

IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")

# A loop: the completion's last tokens are one sequence of at most LONGEST tokens, LEAST_TIMES times or more in a row
# and LEAST_TOKENS tokens long in all, which is more than blanks.
LONGEST, LEAST_TIMES, LEAST_TOKENS = 16, 4, 12


def is_loop(ids: list[int], texts: list[str]) -> bool:
    """Whether a completion ends in a loop; `texts`: what each token stands for."""
    return loop_length(ids, texts) is not None


def loop_length(ids: list[int], texts: list[str]) -> int | None:
    """Tokens of what a completion repeats at its end; None where it ends in no loop."""
    for length in range(1, min(LONGEST, len(ids) // LEAST_TIMES) + 1):
        times = 1
        unit = ids[-length:]
        while ids[-(times + 1) * length : -times * length] == unit:
            times += 1
        if times >= LEAST_TIMES and times * length >= LEAST_TOKENS and "".join(texts[-length:]).strip():
            return length
    return None


def edit_similarity(a: str, b: str) -> float:
    """1 - Levenshtein distance / length of the longer text."""
    if not a and not b:
        return 1.0
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return 1.0 - row[-1] / max(len(a), len(b))


def next_identifier(before: str, after: str) -> str | None:
    """The first identifier that ends behind the caret, with what of it stands before the caret."""
    begun = re.search(r"[A-Za-z_$][\w$]*$", before)
    text = (begun[0] if begun and re.match(r"[\w$]", after) else "") + after
    found = IDENTIFIER.search(text)
    return found[0] if found else None


def is_within_word(before: str, after: str) -> bool:
    """Whether a caret between these texts splits an identifier."""
    return bool(re.search(r"[\w$]$", before) and re.match(r"[\w$]", after))


def occurs(identifier: str, text: str) -> bool:
    return re.search(rf"(?<![\w$]){re.escape(identifier)}(?![\w$])", text) is not None

"""Cleans a source text, or says why it is not worth learning from."""

from __future__ import annotations

import re

from recipe.headers import strip_headers
from recipe.tokens import SPECIAL

GENERATED = re.compile(
    r"@generated|auto-?generated|automatically generated|DO NOT (EDIT|MODIFY)|(file|code) (is|was) generated"
    r"|generated (by|from|with)\b|__webpack_require__|webpackBootstrap",
    re.I,
)
COMPILED = re.compile(
    r"__awaiter\(|__generator\(|_asyncToGenerator|regeneratorRuntime|_interopRequire|__decorate\(|\u0275\u0275"
    r"|__toESM|__commonJS|_createClass\(|_defineProperty\(|__export\(|_classCallCheck"
    r"|Object\.definePropert(?:y|ies)\(exports, |\brequire_\w+ = require\("
)
ONE_LETTER = re.compile(r"\b(?:const|let|var|function)\s+[a-z]\b")


def clean(text: str, language: str) -> str:
    """Line ends, trailing blanks, licence headers and links to source maps; at most two blank lines in a row."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    text = re.sub(r"\n?(//|/\*)[#@] sourceMappingURL=.*", "", text)
    text = strip_headers(text, language)
    text = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n") + "\n"
    return re.sub(r"\n{4,}", "\n\n\n", text)


def objection(raw: str, text: str, language: str) -> str | None:
    """Why a text is left out, None where it is not. `raw`: as it was before cleaning, with the header that may tell."""
    size, lines = len(text), text.split("\n")
    letters = sum(map(str.isalpha, text[:200_000])) / max(1, min(size, 200_000))
    if size < 200:
        return "short"
    if any(token in text for token in SPECIAL):
        return "control tokens"
    if GENERATED.search(raw[:2000]):
        return "generated"
    if size / len(lines) > (200 if language == "md" else 90) or max(map(len, lines)) > 1500:
        return "minified"
    if sum(len(line) > 240 for line in lines) > 0.02 * len(lines) + 2:
        return "minified"
    if language == "js" and COMPILED.search(text):
        return "compiled"
    if language in ("js", "ts") and len(ONE_LETTER.findall(text)) > 0.05 * len(lines) + 5:
        return "minified"
    if letters < 0.3:
        return "data"
    if sum(character > "\x7f" for character in text) > 0.05 * size:
        return "not English"
    return None

"""Takes licence headers out of a source text: a model would learn to recite them.

A header is a whole comment, or a Python module's docstring, that speaks of the licence. It may stand behind imports,
directives or other comments, so a lexer that knows comments and strings goes over the first lines of the text.
"""

from __future__ import annotations

import re

LEGAL = re.compile(
    # A (c) counts before a name or a year only: others are items of lists, coordinates, arguments.
    r"licen[sc]e|copyright|(?:\(c\)|\u00a9)\s*(?-i:[A-Z\d])|SPDX-|all rights reserved|redistribution and use",
    re.I,
)
NEAR_TOP = 60  # lines that a header may begin in, without those of other headers

BLOCK = r"/\*[\s\S]*?\*/"
QUOTES = r'"(?:\\[\s\S]|[^"\\\n])*"|' r"'(?:\\[\s\S]|[^'\\\n])*'"
TRIPLE_QUOTES = r'(?P<quotes>"{3}|\'{3})(?:\\[\s\S]|[^\\])*?(?P=quotes)'
# Comments that a compiler or an interpreter reads; they belong to no header that they stand in a row with.
DIRECTIVE = r"#!|#[^\n]*coding[:=]|//go:|// ?\+build|///? ?<reference|// ?@ts-"

DOCSTRING = re.compile(rf"\A((?:[ \t]*(?:#[^\n]*)?\n)*)[rRuU]?(?:{TRIPLE_QUOTES}|{QUOTES})[ \t]*(?:\n|\Z)")


def lexer(line: str | None, block: str | None, strings: str = QUOTES) -> re.Pattern[str]:
    """Finds comments and strings; `comment` is one that begins its line. Line comments in a row are one."""
    row = rf"(?!{DIRECTIVE}){line}[^\n]*"
    comments = "|".join([*([rf"{row}(?:\n[ \t]*{row})*"] if line else []), *([block] if block else [])])
    others = "|".join([*([rf"{line}[^\n]*"] if line else []), *([block] if block else []), strings])
    # With a header go the blank lines behind it.
    return re.compile(rf"^[ \t]*(?P<comment>{comments})[ \t]*\n?(?:[ \t]*\n)*|{others}", re.MULTILINE)


SCRIPT = lexer("//", BLOCK, rf"{QUOTES}|`(?:\\[\s\S]|[^`\\])*`")
MARKUP = r"<!--(?!\[if)[\s\S]*?-->"

# Strings over several lines, with any number of `#`; the lifetimes' apostrophes begin no character.
RUST_STRINGS = r'r(?P<hashes>#*)"[\s\S]*?"(?P=hashes)|"(?:\\[\s\S]|[^"\\])*"|' r"'(?:\\[^\n]+?|[^'\\\n])'"

LEXERS = {
    "ts": SCRIPT,
    "dts": SCRIPT,
    "js": SCRIPT,
    "py": lexer("#", None, f"{TRIPLE_QUOTES}|{QUOTES}"),
    "go": lexer("//", BLOCK, f"{QUOTES}|`[^`]*`"),
    "rust": lexer("//", BLOCK, RUST_STRINGS),
    "java": lexer("//", BLOCK, rf'"{{3}}(?:\\[\s\S]|[^\\])*?"{{3}}|{QUOTES}'),
    "cpp": lexer("//", BLOCK, rf'R"(?P<end>[^()\\\s]*)\([\s\S]*?\)(?P=end)"|{QUOTES}'),
    "css": lexer("//", BLOCK),
    "json": lexer("//", BLOCK),
    "html": lexer(None, MARKUP, r"<(?P<tag>script|style|pre|textarea)\b[\s\S]*?</(?P=tag)\b"),
    "md": lexer(None, MARKUP, r"^[ \t]*(?P<fence>`{3,}|~{3,})[\s\S]*?^[ \t]*(?P=fence)"),
}


def strip_headers(text: str, language: str) -> str:
    """Drops comments near the top that speak of the licence, and a module docstring that does. Takes no code."""
    kept, end, seen, lines = "", 0, 0, 0
    for token in LEXERS[language].finditer(text):
        lines += text.count("\n", seen, token.start())
        seen = token.start()
        if lines >= NEAR_TOP:
            break
        if token["comment"] and LEGAL.search(token["comment"]):
            kept += text[end:seen]
            end = seen = token.end()
    text = kept + text[end:]
    docstring = DOCSTRING.match(text) if language == "py" else None
    if docstring and LEGAL.search(docstring[0], docstring.end(1)):
        return docstring[1] + text[docstring.end() :]
    return text

"""Which files of its own package a file imports, by path: what the model may copy from at the caret."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

MOST = 8

TYPESCRIPT = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)['"](\.{1,2}/?[^'"\n]*)['"]""")
PYTHON = re.compile(r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import|import[ \t]+([.\w]+))", re.MULTILINE)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">]', re.MULTILINE)
RUST = re.compile(r"^[ \t]*(?:pub[ \t]+)?(?:mod[ \t]+(\w+);|use[ \t]+(?:crate|super|self)::(\w+))", re.MULTILINE)
JAVA = re.compile(r"^import[ \t]+(?:static[ \t]+)?([\w.]+);", re.MULTILINE)

TYPESCRIPT_ENDINGS = (
    "", ".ts", ".tsx", ".d.ts", ".mts", ".js", ".jsx", ".mjs", "/index.ts", "/index.tsx", "/index.d.ts", "/index.js",
)  # fmt: skip


def imports_of(path: str, language: str, text: str, paths: dict[str, int]) -> list[int]:
    """Numbers of the imported files, in the order of the imports. `paths`: the package's files and their numbers."""
    candidates = RESOLVERS.get(language)
    if candidates is None:
        return []
    found: dict[int, None] = {}
    for choices in candidates(path, text):
        number = next((paths[choice] for choice in choices if choice in paths), None)
        if number is not None and number != paths.get(path):
            found[number] = None
    return list(found)[:MOST]


def typescript(path: str, text: str) -> list[list[str]]:
    out = []
    for name in TYPESCRIPT.findall(text):
        base = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        stem = re.sub(r"\.([cm]?)js$", "", base)
        out.append([stem + ending for ending in TYPESCRIPT_ENDINGS[1:8]] + [base + e for e in TYPESCRIPT_ENDINGS])
    return out


def python(path: str, text: str) -> list[list[str]]:
    out, folder = [], posixpath.dirname(path)
    for group in PYTHON.findall(text):
        name = group[0] or group[1]
        dots = len(name) - len(name.lstrip("."))
        tail = name.strip(".").replace(".", "/")
        if dots:
            base = posixpath.normpath(posixpath.join(folder, "../" * (dots - 1), tail))
            bases = [base]
        else:  # absolute: the package's own root is one of the folders above
            above = folder.split("/")
            bases = [posixpath.join(*above[:depth], tail) for depth in range(len(above) + 1)] if folder else [tail]
        out.append([base + ending for base in bases for ending in (".py", "/__init__.py")])
    return out


def include(path: str, text: str) -> list[list[str]]:
    above = posixpath.dirname(path).split("/")
    return [
        [posixpath.normpath(posixpath.join(*above[:depth], name)) for depth in range(len(above), -1, -1)]
        for name in INCLUDE.findall(text)
        if name
    ]


def rust(path: str, text: str) -> list[list[str]]:
    folder = posixpath.dirname(path)
    own = path[: -len(".rs")]
    roots = [own, folder, posixpath.dirname(folder), folder.split("/src")[0] + "/src"]
    names = [a or b for a, b in RUST.findall(text)]
    return [[posixpath.join(root, name) + e for root in roots for e in (".rs", "/mod.rs")] for name in names]


def java(path: str, text: str) -> list[list[str]]:
    above = posixpath.dirname(path).split("/")
    names = [name.replace(".", "/") + ".java" for name in JAVA.findall(text)]
    return [[posixpath.join(*above[:depth], name) for depth in range(len(above) + 1) if depth] for name in names]


RESOLVERS: dict[str, Callable[[str, str], list[list[str]]]] = {
    "ts": typescript,
    "dts": typescript,
    "js": typescript,
    "py": python,
    "cpp": include,
    "rust": rust,
    "java": java,
}

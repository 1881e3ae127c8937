"""The source files of an unpacked package, those inside source maps included."""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recipe.languages import TYPESCRIPT_AND_JAVASCRIPT, language_of

LARGEST_MAP = 20_000_000
LARGEST_FILE = 2_000_000
ENOUGH_SOURCE = 50_000

# Third parties' code, and texts that are there to be compared or translated.
SKIPPED_FOLDERS = frozenset(
    "node_modules vendor vendored _vendor third_party third-party bower_components locale locales i18n l10n"
    " fixtures __snapshots__ __pycache__ lib2to3 encodings testdata snapshots site-lisp".split()
)
SKIPPED_FILES = re.compile(
    r"\.min\.|(^|[/.-])(package-lock|bundle|umd|iife|prod(uction)?)\.|_pb2\.py$|\.pb\."
    r"|(^|/)(licen[sc]es?|changelog|history|changes|notice|third-?party[\w-]*|authors|code_of_conduct)\.",
    re.I,
)


BUILT = re.compile(r"(^|/)(dist|build|cjs|umd|esm?\d*|_?esm\d+\w*)/")


@dataclass(frozen=True)
class Source:
    """A text file. `path` is relative to the package, with `/`; `rank` is 0 for what a person wrote."""

    path: str
    language: str
    text: str
    rank: int


def sources_of(folder: Path) -> list[Source]:
    """What is worth reading of a package, the most original first.

    Where a package has its TypeScript (or its src/), what was compiled from it is left out: it would be the same code
    a second time, in a style nobody writes by hand.
    """
    unique: dict[str, Source] = {}
    for source in sorted([*files_of(folder), *mapped_files_of(folder)], key=lambda s: (s.rank, s.path)):
        unique.setdefault(source.path, source)
    found = list(unique.values())
    original = sum(len(s.text) for s in found if s.rank == 0 and s.language in TYPESCRIPT_AND_JAVASCRIPT)
    if original < ENOUGH_SOURCE:
        return found
    return [s for s in found if s.rank == 0 or s.language not in TYPESCRIPT_AND_JAVASCRIPT]


def files_of(folder: Path) -> Iterator[Source]:
    for path in walk(folder):
        language = language_of(path)
        if language is None or SKIPPED_FILES.search(path):
            continue
        text = read(folder / path, LARGEST_FILE)
        if text is not None:
            name = own_path(path)
            yield Source(name, language, text, rank_of(name, language))


def mapped_files_of(folder: Path) -> Iterator[Source]:
    """The `sourcesContent` of source maps, under the paths that the maps give them."""
    for path in walk(folder):
        if not path.endswith(".map"):
            continue
        try:
            data = json.loads(read(folder / path, LARGEST_MAP) or "{}")
            pairs = list(zip(data.get("sources", []), data.get("sourcesContent") or []))
        except (ValueError, AttributeError, TypeError):
            continue
        for name, text in pairs:
            if not isinstance(name, str) or not isinstance(text, str) or len(text) > LARGEST_FILE:
                continue
            target = mapped_path(own_path(path), name)
            language = language_of(target)
            is_third_party = not SKIPPED_FOLDERS.isdisjoint(target.split("/"))
            if language in TYPESCRIPT_AND_JAVASCRIPT and not is_third_party:
                yield Source(target, language, text, rank_of(target, language, is_mapped=True))


def mapped_path(map_path: str, source: str) -> str:
    """Where a source of a map lies in the package: without the bundlers' schemes and without leading `..`."""
    source = re.sub(r"^[a-z-]+://[^/]*/", "", source).split("?")[0]
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(map_path), source))
    return re.sub(r"^(\.\./)+", "", joined).lstrip("/")


def own_path(path: str) -> str:
    """Without the folders that only say how the package is distributed."""
    path = re.sub(r"^usr/(share|lib|include|src)/", "", path)
    path = re.sub(r"^(gocode/src|cargo/registry|python3/dist-packages|nodejs|javascript)/", "", path)
    return re.sub(r"^package/", "", path)


def rank_of(path: str, language: str, is_mapped: bool = False) -> int:
    """0: written by hand as far as the name tells; 1: modules of a build; 2: other JavaScript.

    A map's source was written by hand too, unless the map is of a build of a build.
    """
    is_built = BUILT.search(path) is not None
    if language not in ("js", "dts") or not is_built and (is_mapped or "/src/" in f"/{path}"):
        return 0
    if language == "dts":
        return 1
    return 1 if path.endswith(".mjs") or re.search(r"(^|/)(es|esm|esnext)\d*/", path) else 2


def walk(folder: Path) -> Iterator[str]:
    """Files in a fixed order, as paths relative to the folder."""
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        for name in sorted(files):
            full = Path(root, name)
            if full.is_file() and not full.is_symlink():
                yield full.relative_to(folder).as_posix()


def read(path: Path, most: int) -> str | None:
    """The text, or None where it is too large or not UTF-8."""
    if path.stat().st_size > most:
        return None
    try:
        return path.read_text(encoding="utf8")
    except UnicodeDecodeError:
        return None

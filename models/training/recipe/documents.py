"""Cleaned documents and the files that hold them."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Document:
    """One source file. `imports` counts documents of the same file of documents, from 0."""

    package: str
    path: str
    language: str
    text: str
    imports: list[int] = field(default_factory=list)
    # Held-out documents only: lines, from 0, that occur in training too.
    seen: list[int] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes in UTF-8."""
        return len(self.text.encode())


def write_documents(path: Path, documents: Iterable[Document]) -> None:
    """One JSON object a line, compressed: 200 MB of source take about 40 MB."""
    partial = path.with_suffix(".partial")
    with lzma.open(partial, "wt", encoding="utf8", preset=4) as file:
        for document in documents:
            file.write(json.dumps(asdict(document), ensure_ascii=False) + "\n")
    partial.replace(path)


def read_documents(path: Path) -> list[Document]:
    with lzma.open(path, "rt", encoding="utf8") as file:
        return [Document(**json.loads(line)) for line in file]


def write_files(folder: Path, documents: Iterable[Document]) -> None:
    """The documents as files again, in a folder for each package, for tools that read folders."""
    for document in documents:
        path = folder / document.package.lstrip("@").replace("/", "-") / document.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document.text, encoding="utf8")

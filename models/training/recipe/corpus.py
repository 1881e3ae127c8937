"""From unpacked packages to the documents of each split."""

from __future__ import annotations

import hashlib
import posixpath
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from recipe.clean import clean, objection
from recipe.contamination import counted_lines, line_keys, seen_lines
from recipe.dedup import Duplicates
from recipe.documents import Document
from recipe.fetch import refused_in
from recipe.imports import imports_of
from recipe.languages import LEAST_TYPESCRIPT_AND_JAVASCRIPT, MOST, TYPESCRIPT_AND_JAVASCRIPT
from recipe.packages import SPLITS, Package, refused_files
from recipe.sources import sources_of

# No package may give more than this, or the model learns its authors' habits rather than the language.
MOST_OF_A_PACKAGE = 8_000_000

Splits = dict[str, list[Document]]


def build_corpus(packages: list[Package], fetch: Callable[[Package], Path], log: Callable[[str], None]) -> Splits:
    """Test packages first, so that whatever repeats one of their files is dropped from training."""
    splits: Splits = {split: [] for split in SPLITS}
    duplicates, dropped = Duplicates(), Counter[str]()
    for package in sorted(packages, key=lambda p: (-SPLITS.index(p.split), p.ecosystem, p.name)):
        documents = documents_of(package, fetch(package), duplicates, dropped)
        splits[package.split] += documents
        log(f"{package.split:10} {package.key:45} {sum(d.size for d in documents) / 1e6:6.2f} MB")
    splits["train"] = balance(splits["train"])
    for documents in splits.values():
        link(documents)
    training = line_keys(document.text for document in splits["train"])
    for split in ("validation", "test"):
        for document in splits[split]:
            document.seen = seen_lines(document.text, training)
    log(f"dropped: {dict(dropped.most_common())}")
    return splits


def documents_of(package: Package, folder: Path, duplicates: Duplicates, dropped: Counter[str]) -> list[Document]:
    documents, room = [], MOST_OF_A_PACKAGE
    # Folder by folder in an order as good as random: what a full package leaves out is not all of one letter, and
    # files that import each other mostly stay together.
    sources = sources_of(folder)
    sources.sort(key=lambda s: (s.rank, digest(f"{package.name}/{posixpath.dirname(s.path)}"), s.path))
    refused = refused_files(refused_in(package, folder), [source.path for source in sources])
    for source in sources:
        text = clean(source.text, source.language)
        reason = "licence of its own" if source.path in refused else objection(source.text, text, source.language)
        reason = reason or ("package is full" if len(text) > room else None)
        reason = reason or duplicates.check(text)
        if reason is not None:
            dropped[reason] += 1
            continue
        documents.append(Document(package.name, source.path, source.language, text))
        room -= len(text)
    return documents


def balance(documents: list[Document]) -> list[Document]:
    """Drops documents, those with the greatest hash first, until every language keeps to its share."""
    sizes = sizes_by_language(documents)
    main = sum(sizes[language] for language in TYPESCRIPT_AND_JAVASCRIPT)
    if main == 0:
        return documents
    total = min(sum(sizes.values()), main / LEAST_TYPESCRIPT_AND_JAVASCRIPT)
    budgets = {language: MOST.get(language, 1.0) * total for language in sizes}
    budgets = {language: min(budget, sizes[language]) for language, budget in budgets.items()}
    others = [language for language in budgets if language not in TYPESCRIPT_AND_JAVASCRIPT]
    main = sum(budgets[language] for language in budgets if language not in others)
    rest = sum(budgets[language] for language in others)
    room = main / LEAST_TYPESCRIPT_AND_JAVASCRIPT - main
    for language in others:
        budgets[language] *= min(1.0, room / max(1.0, rest))
    kept, used = set(), Counter[str]()
    for index in sorted(range(len(documents)), key=lambda i: digest(f"{documents[i].package}/{documents[i].path}")):
        document = documents[index]
        if used[document.language] + document.size <= budgets[document.language]:
            used[document.language] += document.size
            kept.add(index)
    return [document for index, document in enumerate(documents) if index in kept]


def digest(name: str) -> bytes:
    """The same for the same name in every run, and otherwise as good as random."""
    return hashlib.blake2b(name.encode(), digest_size=8).digest()


def link(documents: list[Document]) -> None:
    """Fills in `imports`."""
    paths: dict[str, dict[str, int]] = defaultdict(dict)
    for number, document in enumerate(documents):
        paths[document.package][document.path] = number
    for document in documents:
        known = paths[document.package]
        document.imports = imports_of(document.path, document.language, document.text, known)


def sizes_by_language(documents: list[Document]) -> Counter[str]:
    """Bytes."""
    sizes = Counter[str]()
    for document in documents:
        sizes[document.language] += document.size
    return sizes


def describe(splits: Splits) -> dict[str, object]:
    """The figures about the data that the model card prints."""
    out: dict[str, object] = {}
    for split, documents in splits.items():
        packages = Counter[str]()
        for document in documents:
            packages[document.package] += document.size
        out[split] = {
            "documents": len(documents),
            "bytes": sum(packages.values()),
            "languages": dict(sizes_by_language(documents).most_common()),
            "packages": dict(packages.most_common()),
        }
    train = sizes_by_language(splits["train"])
    main = sum(train[language] for language in TYPESCRIPT_AND_JAVASCRIPT)
    out["typescriptAndJavascript"] = round(main / max(1, sum(train.values())), 4)
    out["linkedTrainingDocuments"] = sum(bool(document.imports) for document in splits["train"])
    out["contamination"] = {split: contamination(splits[split]) for split in ("validation", "test")}
    return out


def contamination(documents: list[Document]) -> dict[str, float]:
    """Share of the lines (10 characters and more) that also occur in training, by language and over all."""
    lines, seen = Counter[str](), Counter[str]()
    for document in documents:
        for language in (document.language, "all"):
            lines[language] += counted_lines(document.text)
            seen[language] += len(document.seen)
    return {language: round(seen[language] / max(1, lines[language]), 4) for language in sorted(lines)}

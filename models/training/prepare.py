#!/usr/bin/env python3
"""First command: from package names to cleaned, split documents and a tokenizer.

    python3 models/training/prepare.py [--work FOLDER] [--packages LIST] [--vocabulary 16384] [--tokenizer FILE]

Writes into the work folder (outside the checkout): packages/, train.xz, validation.xz, test.xz, test/ with the test
documents as files, tokenizer.json, and data.json with the figures for the model card. What was downloaded is kept;
everything else is made anew.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from recipe.corpus import build_corpus, describe
from recipe.documents import write_documents, write_files
from recipe.fetch import fetch
from recipe.folders import default_work, ensure_tokenizers
from recipe.packages import read_packages
from recipe.tokenizer import Codec, bytes_per_token, train_tokenizer

LIST = Path(__file__).resolve().parent / "packages.tsv"
VOCABULARY = 16384


def shaping(options: argparse.Namespace) -> dict[str, object]:
    """The arguments that shape what is prepared, but for the defaults, and without the places of one machine."""
    given: dict[str, object] = {}
    if options.packages.resolve() != LIST:
        given["packages"] = options.packages.name
    if options.tokenizer:  # has a vocabulary of its own
        given["tokenizer"] = f"{options.tokenizer.resolve().parent.name}/{options.tokenizer.name}"
    elif options.vocabulary != VOCABULARY:
        given["vocabulary"] = options.vocabulary
    return given


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=default_work())
    parser.add_argument("--packages", type=Path, default=LIST)
    parser.add_argument("--vocabulary", type=int, default=VOCABULARY)
    parser.add_argument("--tokenizer", type=Path, help="tokenizer.json to use instead of training one")
    options = parser.parse_args()

    work: Path = options.work
    store = work / "packages"
    store.mkdir(parents=True, exist_ok=True)
    ensure_tokenizers(work)
    packages = read_packages(options.packages)
    splits = build_corpus(packages, lambda package: fetch(package, store), lambda line: print(line, flush=True))
    for split, documents in splits.items():
        write_documents(work / f"{split}.xz", documents)
    shutil.rmtree(work / "test", ignore_errors=True)
    write_files(work / "test", splits["test"])

    if options.tokenizer:
        shutil.copyfile(options.tokenizer, work / "tokenizer.json")
    else:
        train_tokenizer(splits["train"], options.vocabulary, work / "tokenizer.json")
    codec = Codec.read(work / "tokenizer.json")
    figures = describe(splits)
    figures["vocabulary"] = codec.size
    figures["bytesPerToken"] = bytes_per_token(codec, splits["validation"] + splits["test"])
    figures["arguments"] = shaping(options)
    figures["sources"] = [vars(package) for package in packages]
    (work / "data.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf8")
    print(json.dumps({k: v for k, v in figures.items() if k != "sources"}, indent=1))


if __name__ == "__main__":
    main()

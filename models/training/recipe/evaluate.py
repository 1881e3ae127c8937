"""Everything the model card says about a model's quality."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch

from recipe.bits import bits_per_byte
from recipe.documents import read_documents
from recipe.export import read_model
from recipe.lines import SHOWN, Result, run_case, sample_cases, summaries
from recipe.tokenizer import Codec

SAMPLES = 8


@dataclass(frozen=True)
class EvaluationOptions:
    cases: int = 1000
    bytes_per_language: int = 150_000
    seed: int = 1


def evaluate(folder: Path, work: Path, options: EvaluationOptions, log: Callable[[str], None]) -> dict[str, object]:
    """Measures the exported folder on the splits in the work folder."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model, codec = read_model(folder).to(device), Codec.read(folder / "tokenizer.json")
    started = time.monotonic()
    splits = {split: read_documents(work / f"{split}.xz") for split in ("train", "validation", "test")}
    bits = {}
    for split, documents in splits.items():
        bits[split] = bits_per_byte(model, codec, documents, options.bytes_per_language, options.seed)
        log(f"bits per byte, {split}: {bits[split]}")
    # One token at a time is too little work to share among threads.
    torch.set_num_threads(1)
    cases = sample_cases(splits["test"], options.cases, options.seed)
    results = []
    for number, case in enumerate(cases, 1):
        results.append(run_case(model, codec, case))
        if number % 100 == 0:
            log(f"{number} of {len(cases)} lines, {sum(r.exact for r in results) / number:.1%} exact")
    return {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "bitsPerByte": bits,
        "lines": summaries(results),
        "samples": samples(results, options.seed),
        "options": vars(options),
        "seconds": round(time.monotonic() - started),
    }


def samples(results: list[Result], seed: int) -> list[dict[str, str]]:
    """A few cases by a fixed seed, good or bad."""
    picked = Random(seed).sample(results, min(SAMPLES, len(results)))
    return [
        {
            "file": f"{result.case.document.package}: {result.case.document.path}",
            "before": "\n".join(result.case.document.text[: result.case.caret][-SHOWN:].split("\n")[-3:]),
            "completion": result.line,
            "truth": result.case.truth,
        }
        for result in picked
    ]

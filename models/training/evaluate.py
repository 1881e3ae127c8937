#!/usr/bin/env python3
"""Measures a model folder that make_model.py wrote, again, and rewrites its card.

python3 models/training/evaluate.py [--preset cpu] [--out FOLDER]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from recipe.folders import PRESET_NAMES, default_work, ensure_tokenizers, limit_threads, require_prepared


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=default_work())
    parser.add_argument("--preset", default="cpu", choices=PRESET_NAMES, help="what the run was made with")
    parser.add_argument("--run", help="name of the run's folder in the work folder; default: the preset's")
    parser.add_argument("--out", type=Path, help="the model folder; default: `model` in the run's folder")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0, help="of a processor; 0: all")
    parser.add_argument("--cases", type=int, default=1000, help="rest-of-line cases")
    parser.add_argument("--bytes", type=int, default=150_000, help="bytes per language for bits per byte")
    options = parser.parse_args()
    require_prepared(options.work)
    limit_threads(options.threads)
    ensure_tokenizers(options.work)

    import torch

    from recipe.evaluate import EvaluationOptions
    from recipe.make import Inputs, evaluate_and_write

    if options.threads:
        torch.set_num_threads(options.threads)
    inputs = Inputs(options.work, options.run or options.preset)
    sizes = EvaluationOptions(options.cases, options.bytes, options.seed)
    evaluate_and_write(options.out or inputs.folder / "model", inputs, sizes)


if __name__ == "__main__":
    main()

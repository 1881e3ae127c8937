#!/usr/bin/env python3
"""Second command: from prepare.py's work folder to a model folder.

    python3 models/training/make_model.py [--preset cpu] [--out FOLDER]

Trains (or continues: the same command again), then exports, measures and writes the model card. Ctrl+C or SIGTERM
saves and stops; a file named `pause` in the run's folder holds the run until it is removed. The last checkpoint is
never more than --checkpoint-minutes old.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from recipe.folders import (
    PRESET_NAMES,
    default_work,
    ensure_tokenizers,
    keep_freed_memory,
    limit_threads,
    require_prepared,
)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=default_work())
    parser.add_argument("--preset", default="cpu", choices=PRESET_NAMES)
    parser.add_argument("--run", help="name of the run's folder in the work folder; default: the preset's")
    parser.add_argument("--out", type=Path, help="the model folder; default: `model` in the run's folder")
    parser.add_argument("--init", type=Path, help="a model folder to start from instead of random weights")
    parser.add_argument("--average", type=Path, help="a model folder alike in shape and tokenizer, to end half-way to")
    parser.add_argument("--tokens", type=float, help="all tokens to train on, instead of the preset's")
    parser.add_argument("--rate", type=float, default=1.0, help="times the preset's learning rates; less after --init")
    parser.add_argument("--theta", type=float, help="base of the rotary positions")
    parser.add_argument("--context", type=int, help="tokens of a prompt, as the model folder says; default: of a row")
    parser.add_argument("--blend", type=float, help="share of the unlearning's way that is gone; 0: none; default: half")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=0.0, help="stop after so long, to be continued")
    parser.add_argument("--steps", type=int, default=0, help="stop after so many steps, to be continued")
    parser.add_argument("--checkpoint-minutes", type=float, default=4.0)
    parser.add_argument("--threads", type=int, default=0, help="of a processor; 0: all")
    parser.add_argument("--workers", type=int, default=0, help="processes that prepare batches: 0, 1, 2, 4 or 8")
    parser.add_argument("--micro", type=int, default=0, help="rows of one forward pass, where memory is short")
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto", help="auto: bf16 on a GPU")
    parser.add_argument("--compile", action="store_true", help="torch.compile (PyTorch 2)")
    parser.add_argument("--cases", type=int, default=1000, help="rest-of-line cases of the evaluation")
    parser.add_argument("--bytes", type=int, default=150_000, help="bytes per language for bits per byte")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    require_prepared(options.work)
    limit_threads(options.threads)
    keep_freed_memory()
    ensure_tokenizers(options.work)
    from recipe.make import Inputs, make_model  # needs torch, whose threads are set above
    from recipe.presets import preset_of

    make_model(preset_of(options), options, Inputs(options.work, options.run or options.preset))


if __name__ == "__main__":
    main()

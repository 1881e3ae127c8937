"""The control tokens, in the spelling of Qwen2.5-Coder (arXiv 2409.12186), which the engine knows."""

from __future__ import annotations

END = "<|endoftext|>"
PREFIX = "<|fim_prefix|>"
MIDDLE = "<|fim_middle|>"
SUFFIX = "<|fim_suffix|>"
PAD = "<|fim_pad|>"
REPOSITORY = "<|repo_name|>"
FILE = "<|file_sep|>"

SPECIAL = (END, PREFIX, MIDDLE, SUFFIX, PAD, REPOSITORY, FILE)

"""Sizes and schedules that fit a kind of machine."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace

from recipe.optimiser import Rates
from recipe.units import Mix


@dataclass(frozen=True)
class Phase:
    """A share of all tokens, read in rows of `context` tokens, `batch` rows a step."""

    share: float
    context: int
    batch: int


@dataclass(frozen=True)
class Unlearning:
    """The steps behind a training that take loops away (`recipe/unlearning.py`)."""

    steps: int = 200
    # A tenth of the training's: with a third of these it is not over what unlearning does to it when it ends.
    rates: Rates = Rates(0.0015, 0.0004)
    asked: int = 32
    """Lines that the model completes for every step, to see where it loops."""
    loops: int = 8
    """Of those that it ran into, how many a step takes away."""
    blend: float = 0.5
    """How far from the weights before to those behind it the model goes in the end; beyond 1 is farther than it went."""


@dataclass(frozen=True)
class Preset:
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    feed_forward: int
    tokens: float
    phases: tuple[Phase, ...]
    rates: Rates = Rates()
    mix: Mix = Mix()
    # Llama's own base, made for rows of 2,048 tokens (arXiv 2302.13971): the last phase's length.
    theta: float = 10_000.0
    warm_up: float = 0.02
    decay: float = 0.6
    clip: float = 1.0
    # Middles are a small part of all tokens, and a completion that does not end is useless however well it begins.
    middle_weight: float = 2.5
    end_weight: float = 5.0
    unlearning: Unlearning = Unlearning()


PRESETS = {
    # Proves that everything fits together; learns nothing of use.
    "tiny": Preset(
        64,
        2,
        2,
        1,
        160,
        1e5,
        (Phase(0.8, 256, 8), Phase(0.2, 512, 4)),
        Rates(0.02, 0.01),
        decay=0.5,
        warm_up=0.1,
        unlearning=Unlearning(steps=4),
    ),
    # 10M parameters with 16,384 tokens in the vocabulary: two cores of a processor for about a day.
    "cpu": Preset(256, 8, 4, 1, 768, 3e8, (Phase(0.9, 512, 32), Phase(0.1, 2048, 8)), Rates(0.015, 0.004)),
    # 30.5M parameters: 61 MB as fp16.
    "gpu30": Preset(512, 8, 8, 2, 1376, 1e9, (Phase(0.85, 1024, 128), Phase(0.15, 2048, 64))),
    # 66M parameters: 132 MB as fp16, which is too much to ship.
    "gpu60": Preset(
        640, 13, 10, 2, 1728, 1.5e9, (Phase(0.85, 1024, 128), Phase(0.15, 2048, 64)), Rates(0.015, 0.003, 0.05)
    ),
}

# A language that gets more than its documents' share; TypeScript is what the product is used for most.
LANGUAGE_WEIGHTS = {"ts": 1.5, "js": 1.0, "dts": 0.6, "json": 0.5, "md": 0.5, "html": 0.5, "css": 0.5}


def phase_at(preset: Preset, share_done: float) -> int:
    """Index of the phase that a share of all tokens falls into."""
    begins = 0.0
    for index, phase in enumerate(preset.phases):
        begins += phase.share
        if share_done < begins - 1e-9:
            return index
    return len(preset.phases) - 1


def preset_of(options: argparse.Namespace) -> Preset:
    """The preset that is asked for, with what the other options change in it."""
    preset = PRESETS[options.preset]
    unlearning = preset.unlearning
    if options.blend is not None:
        unlearning = replace(unlearning, blend=options.blend, steps=unlearning.steps if options.blend else 0)
    return replace(
        preset,
        tokens=options.tokens or preset.tokens,
        theta=options.theta or preset.theta,
        rates=preset.rates.times(options.rate),
        unlearning=unlearning,
    )

"""Checkpoints that a run continues from as if it had never stopped."""

from __future__ import annotations

import ast
import os
import random
from dataclasses import dataclass, field
from pathlib import Path

import torch

from recipe.model import Llama
from recipe.optimiser import Optimiser
from recipe.stream import LANES, Position


@dataclass
class Progress:
    """What a run is beside its weights and its optimiser's state."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    positions: list[Position] = field(default_factory=lambda: [Position() for _ in range(LANES)])


def save_checkpoint(
    path: Path, model: Llama, optimiser: Optimiser, progress: Progress, inputs: dict[str, str]
) -> None:
    """Whole or not at all: a run may be killed while it writes. `inputs`: what must not change, by file or option."""
    state = {
        "model": model.state_dict(),
        "optimiser": optimiser.state(),
        "random": {"torch": torch.get_rng_state(), "python": repr(random.getstate())},
        "step": progress.step,
        "tokens": progress.tokens,
        "seconds": progress.seconds,
        "inputs": inputs,
        "positions": [[at.epoch, at.done, at.offset] for at in progress.positions],
    }
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def load_checkpoint(path: Path, model: Llama, optimiser: Optimiser, inputs: dict[str, str]) -> Progress:
    """Raises ValueError where the run began with other inputs; checkpoints of earlier recipes do not say which."""
    state = torch.load(path, map_location="cpu")
    changed = [name for name, digest in state.get("inputs", {}).items() if inputs.get(name) != digest]
    if changed:
        raise ValueError(
            f"{path} learned from another {' and another '.join(changed)}: put that back to go on with it, or give "
            "what is there now a run of its own with --run"
        )
    model.load_state_dict(state["model"])
    optimiser.load(state["optimiser"])
    torch.set_rng_state(state["random"]["torch"])
    kind, numbers, gauss = ast.literal_eval(state["random"]["python"])
    random.setstate((kind, tuple(numbers), gauss))
    positions = [Position(*numbers) for numbers in state["positions"]]
    return Progress(state["step"], state["tokens"], state["seconds"], positions)

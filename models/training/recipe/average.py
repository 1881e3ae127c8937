"""Between two models that learned from the same beginning lies one that is better than either (arXiv 2203.05482)."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import torch

from recipe.export import read_model, require_tokenizer
from recipe.model import Llama


def read_companion(folder: Path, model: Llama, tokenizer: Path) -> Llama:
    """The model of a folder, to be averaged with one of the same shape and tokenizer.

    Raises ValueError where it has others. How long its prompts may be says nothing of the weights.
    """
    require_tokenizer(folder, tokenizer)
    companion = read_model(folder)
    own, others = asdict(replace(model.shape, context=companion.shape.context)), asdict(companion.shape)
    differing = [f"{name} {value:g} in place of {own[name]:g}" for name, value in others.items() if value != own[name]]
    if differing:
        raise ValueError(f"{folder} cannot be averaged with this model, since it has {', '.join(differing)}")
    return companion


def average_with(model: Llama, companion: Llama) -> None:
    """Moves the model half-way to the companion's weights."""
    with torch.no_grad():
        for parameter, other in zip(model.parameters(), companion.parameters()):
            parameter.lerp_(other.to(parameter), 0.5)

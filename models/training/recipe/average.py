"""Between two models that learned from the same beginning lies one that is better than either (arXiv 2203.05482)."""

from __future__ import annotations

from pathlib import Path

import torch

from recipe.export import read_model
from recipe.model import Llama


def read_companion(folder: Path, model: Llama) -> Llama:
    """The model of a folder, to be averaged with one of the same shape. Raises ValueError where it has another."""
    companion = read_model(folder)
    shapes, others = ([parameter.shape for parameter in one.parameters()] for one in (model, companion))
    if shapes != others:
        raise ValueError(f"{folder} cannot be averaged with this model, since its weights have other shapes")
    return companion


def average_with(model: Llama, companion: Llama) -> None:
    """Moves the model half-way to the companion's weights."""
    with torch.no_grad():
        for parameter, other in zip(model.parameters(), companion.parameters()):
            parameter.lerp_(other.to(parameter), 0.5)

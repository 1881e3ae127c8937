"""Muon for the matrices of the layers, AdamW for the embedding and the norms.

Muon orthogonalises the momentum with a Newton-Schulz iteration: Keller Jordan, "Muon: an optimizer for hidden layers"
(2024). On small budgets it needs about two thirds of AdamW's tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from recipe.model import Llama


@dataclass(frozen=True)
class Rates:
    muon: float = 0.02
    adam: float = 0.004
    decay: float = 0.02

    def times(self, factor: float) -> Rates:
        return Rates(self.muon * factor, self.adam * factor, self.decay)


def orthogonalise(matrices: Tensor, dtype: torch.dtype, steps: int = 5) -> Tensor:
    """The nearest matrices [n, rows, columns] with singular values near 1, up to the iteration's precision."""
    x = matrices.to(dtype)
    is_tall = x.shape[1] > x.shape[2]
    x = x.transpose(1, 2) if is_tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        a = x @ x.transpose(1, 2)
        x = torch.baddbmm(x, torch.baddbmm(a, a, a, beta=-4.7750, alpha=2.0315), x, beta=3.4445)
    return (x.transpose(1, 2) if is_tall else x).to(matrices.dtype)


class Optimiser:
    def __init__(self, model: Llama, rates: Rates, dtype: torch.dtype) -> None:
        """`dtype`: precision of the iteration that orthogonalises."""
        self.rates, self._dtype = rates, dtype
        named = dict(model.named_parameters())
        self._matrices = {n: p for n, p in named.items() if p.dim() == 2 and "embed" not in n}
        others = [p for n, p in named.items() if n not in self._matrices]
        self._adam = torch.optim.AdamW(others, lr=rates.adam, betas=(0.9, 0.95), eps=1e-10, weight_decay=0.0)
        self._momenta = {name: torch.zeros_like(p) for name, p in self._matrices.items()}
        self._alike: dict[torch.Size, list[str]] = {}
        for name, matrix in self._matrices.items():
            self._alike.setdefault(matrix.shape, []).append(name)

    @torch.no_grad()
    def step(self, factor: float, steps_done: int) -> None:
        """One update; `factor` scales the learning rates, `steps_done` warms the momentum up over 200 steps."""
        for group in self._adam.param_groups:
            group["lr"] = self.rates.adam * factor
        self._adam.step()
        momentum = min(0.95, 0.85 + 0.1 * steps_done / 200)
        rate = self.rates.muon * factor
        for (rows, columns), names in self._alike.items():
            wanted = torch.stack([self._nesterov(name, momentum) for name in names])
            length = -rate * max(1.0, rows / columns) ** 0.5
            for name, direction in zip(names, orthogonalise(wanted, self._dtype)):
                self._matrices[name].mul_(1 - rate * self.rates.decay).add_(direction, alpha=length)

    def _nesterov(self, name: str, momentum: float) -> Tensor:
        gradient = self._matrices[name].grad
        return gradient.lerp(self._momenta[name].lerp_(gradient, 1 - momentum), momentum)

    def state(self) -> dict[str, object]:
        return {"adam": self._adam.state_dict(), "momenta": self._momenta}

    def load(self, state: dict[str, object]) -> None:
        self._adam.load_state_dict(state["adam"])
        for name, momentum in self._momenta.items():
            momentum.copy_(state["momenta"][name])


def schedule(done: float, warm_up: float, decay: float) -> float:
    """Factor of the learning rates when the share `done` of all tokens is done: up, flat, then down to nothing."""
    up = min(1.0, (done + 1e-9) / warm_up) if warm_up > 0 else 1.0
    down = min(1.0, max(0.0, (1.0 - done) / decay)) if decay > 0 else 1.0
    return max(0.01, up) * max(0.01, down)

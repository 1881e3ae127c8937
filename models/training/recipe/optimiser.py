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


def orthogonalise(matrix: Tensor, dtype: torch.dtype, steps: int = 5) -> Tensor:
    """The nearest matrix with singular values near 1, up to the iteration's precision."""
    x = matrix.to(dtype)
    is_tall = x.shape[0] > x.shape[1]
    x = x.t() if is_tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        a = x @ x.t()
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * (a @ a)) @ x
    return (x.t() if is_tall else x).to(matrix.dtype)


class Optimiser:
    def __init__(self, model: Llama, rates: Rates) -> None:
        self.rates = rates
        named = dict(model.named_parameters())
        self._matrices = {n: p for n, p in named.items() if p.dim() == 2 and "embed" not in n}
        others = [p for n, p in named.items() if n not in self._matrices]
        self._adam = torch.optim.AdamW(others, lr=rates.adam, betas=(0.9, 0.95), eps=1e-10, weight_decay=0.0)
        self._momenta = {name: torch.zeros_like(p) for name, p in self._matrices.items()}
        device = next(model.parameters()).device
        self._dtype = torch.bfloat16 if device.type == "cuda" else torch.float32

    @torch.no_grad()
    def step(self, factor: float, steps_done: int) -> None:
        """One update; `factor` scales the learning rates, `steps_done` warms the momentum up over 200 steps."""
        for group in self._adam.param_groups:
            group["lr"] = self.rates.adam * factor
        self._adam.step()
        momentum = min(0.95, 0.85 + 0.1 * steps_done / 200)
        rate = self.rates.muon * factor
        for name, parameter in self._matrices.items():
            if parameter.grad is None:
                continue
            average = self._momenta[name].lerp_(parameter.grad, 1 - momentum)
            direction = orthogonalise(parameter.grad.lerp(average, momentum), self._dtype)
            rows, columns = parameter.shape
            parameter.mul_(1 - rate * self.rates.decay)
            parameter.add_(direction, alpha=-rate * max(1.0, rows / columns) ** 0.5)

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

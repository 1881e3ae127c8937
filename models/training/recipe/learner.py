"""One training step: weighted losses, gradients, an update."""

from __future__ import annotations

import contextlib

import torch
from torch import Tensor, nn

from recipe.model import Llama
from recipe.optimiser import Optimiser
from recipe.presets import Preset


class Learner:
    """A model with its optimiser, and how they learn from a batch."""

    def __init__(self, model: Llama, preset: Preset, bf16: bool, micro: int, compiled: bool) -> None:
        self.model = model
        self.optimiser = Optimiser(model, preset.rates, torch.bfloat16 if bf16 else torch.float32)
        self.device = next(model.parameters()).device
        self._clip, self._bf16, self._micro = preset.clip, bf16, micro
        self.stream = torch.bfloat16 if bf16 else torch.float32
        # By the kind of a token: padding, text, middle, end.
        self._weights = torch.tensor([0.0, 1.0, preset.middle_weight, preset.end_weight], device=self.device)
        can_compile = compiled and hasattr(torch, "compile")
        # Not `dynamic`: a run that reaches a phase would be compiled otherwise than one that goes on within it, and
        # round otherwise.
        self._losses = torch.compile(model.losses, dynamic=False) if can_compile else model.losses

    def learn(self, ids: Tensor, kinds: Tensor, factor: float, steps_done: int) -> Tensor:
        """One step on ids and kinds [batch, tokens + 1], with the learning rates times `factor`.

        Gradients that are there already count as well. Returns float [2, 4]: summed nats, and counts, of tokens by their
        kind.
        """
        ids, kinds = ids.to(self.device).long(), kinds.to(self.device)[:, 1:].long()
        weights = self._weights[kinds]
        total, size = weights.sum(), self._micro or len(ids)
        sums = torch.zeros(2, 4, device=self.device)
        for first in range(0, len(ids), size):
            part = slice(first, first + size)
            with self.precision():
                nats = self._losses(ids[part], self.stream)
            ((nats * weights[part]).sum() / total).backward()
            which, nats = kinds[part].flatten(), nats.detach().flatten().float()
            sums[0].index_add_(0, which, nats)
            sums[1].index_add_(0, which, torch.ones_like(nats))
        if self._clip:
            nn.utils.clip_grad_norm_(self.model.parameters(), self._clip)
        self.optimiser.step(factor, steps_done)
        self.model.zero_grad(set_to_none=True)
        return sums

    def precision(self) -> contextlib.AbstractContextManager[object]:
        return torch.autocast(self.device.type, dtype=torch.bfloat16) if self._bf16 else contextlib.nullcontext()

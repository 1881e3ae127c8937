"""A Llama: RMS norms, rotary positions, grouped-query attention, gated feed-forward, tied embeddings.

Parameters are named as in Hugging Face's LlamaForCausalLM, so a state dict is an export. Runs on PyTorch 1.13 (Debian)
and 2.x.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Shape:
    """Sizes of a model; `theta` is the base of the rotary positions, `context` the tokens it is made for."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    feed_forward: int
    vocabulary: int
    context: int
    theta: float
    epsilon: float = 1e-5

    @property
    def head(self) -> int:
        return self.hidden // self.heads


# Keys and values [batch, kv heads, tokens, head size] of one layer.
LayerCache = tuple[Tensor, Tensor]


class Weight(nn.Module):
    """A named parameter without a bias."""

    def __init__(self, *sizes: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(*sizes))


def rms_norm(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    wide = x.float()
    return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + epsilon) * weight).to(x.dtype)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """x: [..., tokens, head size]; cos, sin: [tokens, head size / 2]. Halves are paired, as in Hugging Face."""
    a, b = x.float().chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1).to(x.dtype)


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal attention of the last `q` tokens over all of `k`: [batch, heads, tokens, head size]."""
    count, total = q.shape[2], k.shape[2]
    if count == total and hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    scores = q @ k.transpose(2, 3) * q.shape[3] ** -0.5
    if count > 1:
        future = torch.ones(count, total, dtype=torch.bool, device=q.device).triu(total - count + 1)
        scores = scores.masked_fill(future, float("-inf"))
    return scores.softmax(-1) @ v


class Attention(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.q_proj = Weight(shape.heads * shape.head, shape.hidden)
        self.k_proj = Weight(shape.kv_heads * shape.head, shape.hidden)
        self.v_proj = Weight(shape.kv_heads * shape.head, shape.hidden)
        self.o_proj = Weight(shape.hidden, shape.heads * shape.head)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, cache: LayerCache | None) -> tuple[Tensor, LayerCache]:
        batch, tokens, _ = x.shape
        heads, kv_heads, size = self.shape.heads, self.shape.kv_heads, self.shape.head
        joined = F.linear(x, torch.cat((self.q_proj.weight, self.k_proj.weight, self.v_proj.weight)))
        parts = joined.view(batch, tokens, heads + 2 * kv_heads, size).transpose(1, 2)
        q, k, v = parts.split((heads, kv_heads, kv_heads), 1)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is not None:
            k, v = torch.cat((cache[0], k), 2), torch.cat((cache[1], v), 2)
        kept = (k, v)
        if kv_heads < heads:
            k, v = (t.repeat_interleave(heads // kv_heads, 1) for t in kept)
        out = attend(q, k, v).transpose(1, 2).reshape(batch, tokens, heads * size)
        return F.linear(out, self.o_proj.weight), kept


class FeedForward(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate_proj = Weight(shape.feed_forward, shape.hidden)
        self.up_proj = Weight(shape.feed_forward, shape.hidden)
        self.down_proj = Weight(shape.hidden, shape.feed_forward)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = F.linear(x, torch.cat((self.gate_proj.weight, self.up_proj.weight))).chunk(2, -1)
        return F.linear(F.silu(gate) * up, self.down_proj.weight)


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.epsilon = shape.epsilon
        self.input_layernorm, self.post_attention_layernorm = Weight(shape.hidden), Weight(shape.hidden)
        self.self_attn, self.mlp = Attention(shape), FeedForward(shape)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, cache: LayerCache | None) -> tuple[Tensor, LayerCache]:
        normed = rms_norm(x, self.input_layernorm.weight, self.epsilon)
        attended, kept = self.self_attn(normed, cos, sin, cache)
        x = x + attended
        return x + self.mlp(rms_norm(x, self.post_attention_layernorm.weight, self.epsilon)), kept


class Llama(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.model = nn.Module()
        self.model.embed_tokens = Weight(shape.vocabulary, shape.hidden)
        self.model.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.model.norm = Weight(shape.hidden)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 1:
                nn.init.ones_(parameter)
            else:
                nn.init.normal_(parameter, std=self._deviation(name))

    def _deviation(self, name: str) -> float:
        if "embed" in name:
            return 0.02
        is_last_of_branch = name.endswith(("o_proj.weight", "down_proj.weight"))
        return 0.02 / math.sqrt(2 * self.shape.layers) if is_last_of_branch else 0.7 * self.shape.hidden**-0.5

    def rope(self, first: int, count: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """cos and sin, [count, head size / 2], of the positions from `first` on."""
        steps = torch.arange(0, self.shape.head, 2, dtype=torch.float64, device=device)
        rates = self.shape.theta ** (-steps / self.shape.head)
        angles = torch.outer(torch.arange(first, first + count, dtype=torch.float64, device=device), rates)
        return angles.cos().float(), angles.sin().float()

    def forward(
        self,
        ids: Tensor,
        cache: list[LayerCache] | None = None,
        keep: bool = False,
        stream: torch.dtype = torch.float32,
    ) -> tuple[Tensor, list[LayerCache]]:
        """ids [batch, tokens] to the last hidden states [batch, tokens, hidden] and, with `keep`, the cache with them.

        `stream`: precision of the residual stream.
        """
        first = cache[0][0].shape[2] if cache else 0
        cos, sin = self.rope(first, ids.shape[1], ids.device)
        x = F.embedding(ids, self.model.embed_tokens.weight).to(stream)
        kept = []
        for index, layer in enumerate(self.model.layers):
            x, layer_cache = layer(x, cos, sin, cache[index] if cache else None)
            if keep:
                kept.append(layer_cache)
        return rms_norm(x, self.model.norm.weight, self.shape.epsilon), kept

    def logits(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.model.embed_tokens.weight).float()

    def losses(self, ids: Tensor, stream: torch.dtype = torch.float32) -> Tensor:
        """Nats of every token but the first: ids [batch, tokens + 1] to [batch, tokens]."""
        logits = self.logits(self(ids[:, :-1], stream=stream)[0])
        targets = ids[:, 1:]
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none").view_as(targets)

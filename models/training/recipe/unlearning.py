"""Takes away a small model's habit of repeating itself, with sequence-level unlikelihood.

The model completes lines of the documents that it learns from. Where it runs into a loop, the tokens that repeat are made
less likely and those that really stand there more likely, beside an ordinary batch that keeps all else as it is. Welleck
et al., "Neural Text Generation with Unlikelihood Training" (arXiv 1908.04319), section 5.2: there every repeated 4-gram of
a continuation counts; in code most of these are right, so here only what `scores.loop_length` calls a loop does.

What else the model knows suffers from that, and comes back when its weights are averaged with those before: Wortsman et
al., "Robust Fine-Tuning of Zero-Shot Models" (arXiv 2109.01903).
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, replace
from random import Random

import torch
import torch.nn.functional as F
from torch import Tensor

from recipe.checkpoint import Progress
from recipe.documents import Document
from recipe.generate import complete_lines, fim_prompt
from recipe.healing import last_word
from recipe.languages import CODE
from recipe.learner import Learner
from recipe.lines import cases_of
from recipe.model import Llama
from recipe.optimiser import schedule
from recipe.presets import Preset
from recipe.scores import loop_length
from recipe.tokenizer import Codec
from recipe.train import RunOptions, Stop, batches_of

MOST_TOKENS = 64
DRAWN = 2000  # documents that the lines of a step come from
NEWEST = 400  # loops that steps are made of; older ones the model has left already
TRUTH_WEIGHT = 0.1


@dataclass(frozen=True)
class Question:
    """A prompt that ends before a word of a line, and the tokens of the rest of that line."""

    prompt: list[int]
    truth: list[int]


@dataclass(frozen=True)
class Loop:
    question: Question
    answer: list[int]
    first: int
    """Index of the first token of the answer that repeats an earlier one."""


def unlearn_loops(
    model: Llama, preset: Preset, documents: list[Document], codec: Codec, options: RunOptions, stop: Stop
) -> bool:
    """Changes the model. Returns False where it was stopped, with the model as before: it is short, and starts over."""
    how, rng = preset.unlearning, Random(options.seed)
    learner = Learner(model, replace(preset, rates=how.rates), options.bf16, options.micro, options.compile)
    # Another order than that which the training began with.
    batches = batches_of(preset, 0, documents, codec, replace(options, seed=options.seed + 1), Progress())
    length = preset.phases[0].context * 3 // 4
    lines = [document for document in documents if document.language in CODE and document.language != "dts"]
    ends = line_ends(codec).to(learner.device)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    newest: deque[Loop] = deque(maxlen=NEWEST)
    asked = found = 0
    for step in range(how.steps):
        if stop.wanted or options.is_over:
            go_back(model, before, 0.0)
            return False
        drawn = rng.sample(lines, min(DRAWN, len(lines)))
        questions = questions_of(drawn, codec, how.asked, length, rng)
        with learner.precision():
            loops = find_loops(model, questions, codec, ends, learner.stream)
        newest.extend(loops)
        asked, found = asked + len(questions), found + len(loops)
        if len(newest) >= how.loops:
            with learner.precision():
                loss(model, rng.sample(list(newest), how.loops), codec, learner.stream).backward()
        ids, kinds, _, _ = next(batches)
        learner.learn(ids, kinds, schedule(step / how.steps, 0.05, 0.6), step)
        if (step + 1) % options.log_every == 0:
            print(json.dumps({"unlearning": step + 1, "loops": found, "of": asked}), flush=True)
            asked = found = 0
    go_back(model, before, how.blend)
    return True


def go_back(model: Llama, before: list[Tensor], share: float) -> None:
    """Leaves the model at a share of its way from the weights before; at 0 it is as before."""
    with torch.no_grad():
        for parameter, earlier in zip(model.parameters(), before):
            parameter.copy_(earlier.lerp(parameter, share))


def line_ends(codec: Codec) -> Tensor:
    """[vocabulary]: whether a token ends a line, or is a control token."""
    return torch.tensor([i in codec.special or "\n" in text for i, text in enumerate(codec.texts)])


def questions_of(documents: list[Document], codec: Codec, count: int, length: int, rng: Random) -> list[Question]:
    """At most `count` questions, those whose document fills a prompt of `length` tokens."""
    out = []
    for case in cases_of(documents, count, rng):
        text = case.document.text
        start = case.caret - len(last_word(codec, text[: case.caret]))
        prompt = fim_prompt(codec, text[:start], text[case.end :], length)
        truth = [*codec.encode(text[start : case.end]), codec.end]
        if len(prompt) == length and len(truth) <= MOST_TOKENS:
            out.append(Question(prompt, truth))
    return out


def find_loops(
    model: Llama, questions: list[Question], codec: Codec, ends: Tensor, stream: torch.dtype
) -> list[Loop]:
    if not questions:
        return []
    answers = complete_lines(model, [question.prompt for question in questions], ends, MOST_TOKENS, stream)
    loops = (loop_of(question, answer, codec) for question, answer in zip(questions, answers))
    return [loop for loop in loops if loop is not None]


def loop_of(question: Question, answer: list[int], codec: Codec) -> Loop | None:
    length = loop_length(answer, [codec.texts[token] for token in answer])
    if length is None:
        return None
    first = len(answer)
    while first > length and answer[first - 1] == answer[first - 1 - length]:
        first -= 1
    return Loop(question, answer, first)


def loss(model: Llama, loops: list[Loop], codec: Codec, stream: torch.dtype) -> Tensor:
    """Means: -log(1 - p) of the tokens that repeat and, weighed less, -log p of what stands there in truth."""
    device = next(model.parameters()).device
    repeated = nats_of(model, [(loop.question.prompt, loop.answer) for loop in loops], codec, stream)
    true = nats_of(model, [(loop.question.prompt, loop.question.truth) for loop in loops], codec, stream)
    place = torch.arange(MOST_TOKENS, device=device)

    def between(firsts: list[int], ends: list[int]) -> Tensor:
        return (place >= torch.tensor(firsts, device=device)[:, None]) & (
            place < torch.tensor(ends, device=device)[:, None]
        )

    repeats = between([loop.first for loop in loops], [len(loop.answer) for loop in loops])
    truths = between([0] * len(loops), [len(loop.question.truth) for loop in loops])
    unlikely = -torch.log((1 - torch.exp(-repeated[repeats])).clamp(min=1e-5))
    return unlikely.mean() + TRUTH_WEIGHT * true[truths].mean()


def nats_of(model: Llama, rows: list[tuple[list[int], list[int]]], codec: Codec, stream: torch.dtype) -> Tensor:
    """Of the tokens behind prompts of one length: [rows, MOST_TOKENS], of which those beyond a row's own mean nothing."""
    length = len(rows[0][0])
    padded = [[*prompt, *tail, *[codec.end] * (MOST_TOKENS - len(tail))] for prompt, tail in rows]
    ids = torch.tensor(padded, device=next(model.parameters()).device)
    hidden, _ = model(ids[:, :-1], stream=stream)
    logits = model.logits(hidden[:, length - 1 :])
    return F.cross_entropy(logits.flatten(0, 1), ids[:, length:].flatten(), reduction="none").view(len(rows), -1)

"""The training loop: the same on a processor and on a CUDA GPU."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from recipe.checkpoint import Progress, load_checkpoint, save_checkpoint
from recipe.documents import Document
from recipe.learner import Learner
from recipe.model import Llama
from recipe.optimiser import schedule
from recipe.presets import LANGUAGE_WEIGHTS, Preset, phase_at
from recipe.stream import Position, Stream, StreamOptions
from recipe.tokenizer import Codec


@dataclass(frozen=True)
class RunOptions:
    folder: Path
    seed: int = 1
    minutes: float = 0.0
    """Stops after so long, to be continued; 0: goes on to the end."""
    steps: int = 0
    """Stops after so many steps of this call; 0: goes on to the end."""
    checkpoint_minutes: float = 4.0
    micro: int = 0
    """Rows of a forward pass, where a whole batch does not fit; 0: the batch."""
    workers: int = 0
    """Processes that prepare batches: 0, 1, 2, 4 or 8. The batches are the same."""
    bf16: bool = False
    compile: bool = False
    log_every: int = 25
    inputs: dict[str, str] = field(default_factory=dict)
    """SHA-256 of the files that decide on the token ids and values of options: a checkpoint goes on with no other."""
    started: float = field(default_factory=time.monotonic)
    """What `minutes` count from, in seconds of `time.monotonic`."""

    @property
    def is_over(self) -> bool:
        return 0 < self.minutes * 60 <= time.monotonic() - self.started


def train(
    model: Llama, preset: Preset, documents: list[Document], codec: Codec, options: RunOptions, stop: Stop
) -> tuple[Progress, bool]:
    """Trains from the folder's checkpoint, or from the start. Returns the progress, and whether all is done.

    Raises ValueError where the checkpoint began with other inputs.
    """
    options.folder.mkdir(parents=True, exist_ok=True)
    checkpoint = options.folder / "checkpoint.pt"
    learner, progress = Learner(model, preset, options.bf16, options.micro, options.compile), Progress()
    if checkpoint.exists():
        progress = load_checkpoint(checkpoint, model, learner.optimiser, options.inputs)
        print(f"continues at step {progress.step}, {progress.tokens / 1e6:.2f}M tokens", flush=True)
    started, saved = time.monotonic(), time.monotonic()
    first_step, before, paused = progress.step, progress.seconds, 0.0
    log = Log(options, learner.device)
    phase, batches = -1, iter(())
    while progress.tokens < preset.tokens and not stop.wanted:
        share = progress.tokens / preset.tokens
        if phase_at(preset, share) != phase:
            phase = phase_at(preset, share)
            batches = batches_of(preset, phase, documents, codec, options, progress)
        ids, kinds, lane, position = next(batches)
        factor = schedule(share, preset.warm_up, preset.decay)
        sums = learner.learn(ids, kinds, factor, progress.step)
        progress.step += 1
        progress.tokens += ids.shape[0] * (ids.shape[1] - 1)
        progress.positions[lane] = position
        progress.seconds = before + time.monotonic() - started - paused
        log.add(sums, progress, factor)
        if options.is_over or 0 < options.steps <= progress.step - first_step:
            break
        if time.monotonic() - saved > options.checkpoint_minutes * 60 or is_paused(options.folder):
            save_checkpoint(checkpoint, model, learner.optimiser, progress, options.inputs)
            paused += wait_while_paused(options.folder, stop)
            saved = time.monotonic()
    save_checkpoint(checkpoint, model, learner.optimiser, progress, options.inputs)
    return progress, progress.tokens >= preset.tokens


class Batches(torch.utils.data.IterableDataset):
    """A stream, dealt out to the processes of a data loader."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, int, tuple[int, int, int]]]:
        info = torch.utils.data.get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        for ids, kinds, lane, at in self.stream.batches(worker, workers):
            yield torch.from_numpy(ids), torch.from_numpy(kinds), lane, (at.epoch, at.done, at.offset)


def batches_of(
    preset: Preset, phase: int, documents: list[Document], codec: Codec, options: RunOptions, progress: Progress
) -> Iterator[tuple[Tensor, Tensor, int, Position]]:
    form = preset.phases[phase]
    row = StreamOptions(options.seed, form.context, preset.mix, LANGUAGE_WEIGHTS)
    stream = Stream(documents, codec, row, form.batch, progress.step, progress.positions)
    more = {"prefetch_factor": 4, "multiprocessing_context": "fork", "worker_init_fn": leave_signals}
    more = more if options.workers else {}
    loader = torch.utils.data.DataLoader(Batches(stream), batch_size=None, num_workers=options.workers, **more)
    for ids, kinds, lane, at in loader:
        yield ids, kinds, int(lane), Position(*(int(number) for number in at))


def leave_signals(_: int) -> None:
    """In a process that prepares batches: Ctrl+C is for the trainer, which ends its processes with SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


class Stop:
    """Set by SIGTERM or Ctrl+C while its block runs: the step is finished and saved first."""

    def __init__(self) -> None:
        self.wanted = False

    def __enter__(self) -> Stop:
        self._before = {number: signal.signal(number, self._ask) for number in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, *_: object) -> None:
        self.wanted = True


def is_paused(folder: Path) -> bool:
    return (folder / "pause").exists()


def wait_while_paused(folder: Path, stop: Stop) -> float:
    """A file named `pause` in the run's folder holds the run, for as long as something else is measured.

    Returns the seconds that it waited.
    """
    began = time.monotonic()
    while is_paused(folder) and not stop.wanted:
        time.sleep(1.0)
    return time.monotonic() - began


class Log:
    """Prints a line of JSON every so many steps and appends it to log.jsonl."""

    def __init__(self, options: RunOptions, device: torch.device) -> None:
        self._options, self._sums = options, torch.zeros(2, 4, device=device)
        self._tokens, self._time = -1, time.monotonic()

    def add(self, sums: Tensor, progress: Progress, factor: float) -> None:
        self._sums += sums
        if progress.step % self._options.log_every != 0:
            return
        nats, counts = self._sums.tolist()
        text, middle, end = (round(n / max(1.0, c), 4) for n, c in zip(nats[1:], counts[1:]))
        now, rate = time.monotonic(), None
        if self._tokens >= 0:
            rate = round((progress.tokens - self._tokens) / (now - self._time))
        line = {"step": progress.step, "tokens": progress.tokens, "text": text, "middle": middle, "end": end}
        line |= {"rate": round(factor, 4), "tokensPerSecond": rate, "seconds": round(progress.seconds)}
        print(json.dumps(line), flush=True)
        with (self._options.folder / "log.jsonl").open("a", encoding="utf8") as file:
            file.write(json.dumps(line) + "\n")
        self._sums.zero_()
        self._tokens, self._time = progress.tokens, now

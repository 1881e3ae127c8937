"""Puts the parts together: train, export, evaluate, write the card."""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from recipe.average import average_with, read_companion
from recipe.card import CardParts, write_card
from recipe.checkpoint import Progress
from recipe.documents import read_documents
from recipe.evaluate import EvaluationOptions, evaluate
from recipe.export import export_model, read_model, require_tokenizer, weights_digest
from recipe.model import Llama, Shape
from recipe.presets import Preset
from recipe.tokenizer import Codec
from recipe.train import RunOptions, Stop, train
from recipe.unlearning import unlearn_loops


@dataclass(frozen=True)
class Inputs:
    work: Path
    run: str

    @property
    def tokenizer(self) -> Path:
        return self.work / "tokenizer.json"

    @property
    def documents(self) -> Path:
        return self.work / "train.xz"

    @property
    def folder(self) -> Path:
        return self.work / "runs" / self.run

    def arguments(self) -> dict[str, object]:
        """What prepare.py was given, by option; nothing where an earlier recipe prepared the folder."""
        return json.loads((self.work / "data.json").read_text(encoding="utf8")).get("arguments", {})

    def digests(self) -> dict[str, str]:
        """SHA-256 by file name of what decides on the token ids that a run learns from."""
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (self.tokenizer, self.documents)}


def make_model(preset: Preset, options: argparse.Namespace, inputs: Inputs) -> None:
    """Trains on, and where that is done, leaves a whole model folder."""
    cuda = torch.cuda.is_available()
    if options.threads:
        torch.set_num_threads(options.threads)
    out: Path = options.out or inputs.folder / "model"
    if options.init and options.init.resolve() == out.resolve():
        raise ValueError(f"{out} would be overwritten, and the run could not go on: give another --out or --run")
    arguments = inputs.arguments()
    codec = Codec.read(inputs.tokenizer)
    model = new_model(preset, codec, options, inputs.tokenizer).to("cuda" if cuda else "cpu")
    count = sum(parameter.numel() for parameter in model.parameters())
    print(f"{count / 1e6:.2f}M parameters, {preset.tokens / 1e6:.1f}M tokens to read", flush=True)
    companion = read_companion(options.average, model, inputs.tokenizer) if options.average else None
    documents = read_documents(inputs.documents)
    run = RunOptions(
        folder=inputs.folder,
        seed=options.seed,
        minutes=options.minutes,
        steps=options.steps,
        checkpoint_minutes=options.checkpoint_minutes,
        micro=options.micro,
        workers=options.workers,
        bf16=options.precision == "bf16" or options.precision == "auto" and cuda,
        compile=options.compile,
        inputs=inputs.digests() | unchanging(model.shape, options),
    )
    with Stop() as stop:
        progress, is_trained = train(model, preset, documents, codec, run, stop)
        is_done = is_trained and unlearn_loops(model, preset, documents, codec, run, stop)
    if is_done and companion:
        average_with(model, companion)
    # Also of an unfinished run, so that it can be looked at, or started from where there is no room for a checkpoint.
    export_model(model, inputs.tokenizer, out)
    figures = run_figures(preset, model.shape, progress, options, arguments, is_done)
    (inputs.folder / "run.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf8")
    if not is_done:
        at = f"at {progress.tokens / preset.tokens:.1%}; the same command goes on"
        undone = "in the unlearning behind the training, which was undone; the same command does all of it again"
        print(f"stopped {undone if is_trained else at}", flush=True)
        return
    # Not with the run's seed: all cards tell of the same carets, as `evaluate.py` does.
    evaluate_and_write(out, inputs, EvaluationOptions(options.cases, options.bytes))


def unchanging(shape: Shape, options: argparse.Namespace) -> dict[str, str]:
    """Options that a run keeps to its end, since its card says them of all of it. More or fewer tokens may be asked for."""
    begun = weights_digest(options.init) if options.init else ""
    return {"--theta": f"{shape.theta:g}", "--rate": f"{options.rate:g}", "--seed": f"{options.seed}", "--init": begun}


def new_model(preset: Preset, codec: Codec, options: argparse.Namespace, tokenizer: Path) -> Llama:
    """Random weights, or those of --init. Raises ValueError where these were made for another tokenizer."""
    torch.manual_seed(options.seed)
    context = options.context or max(phase.context for phase in preset.phases)
    if options.init:
        require_tokenizer(options.init, tokenizer)
        model = read_model(options.init).train()
        model.shape = replace(model.shape, context=context, theta=options.theta or model.shape.theta)
        return model
    shape = Shape(
        hidden=preset.hidden,
        layers=preset.layers,
        heads=preset.heads,
        kv_heads=preset.kv_heads,
        feed_forward=preset.feed_forward,
        vocabulary=codec.size,
        context=context,
        theta=preset.theta,
    )
    return Llama(shape)


def run_figures(
    preset: Preset,
    shape: Shape,
    progress: Progress,
    options: argparse.Namespace,
    arguments: dict[str, object],
    is_done: bool,
) -> dict[str, object]:
    """What run.json says. Of a run that is not done, nothing of what comes behind its training."""
    begun = options.init / "README.md" if options.init else None
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"{platform.machine()} processor"
    # The model's own shape last: it may come from a folder rather than from the preset.
    return {
        **asdict(preset),
        **asdict(shape),
        "tokens": progress.tokens,
        "step": progress.step,
        "seconds": progress.seconds,
        "device": f"{device}, {torch.get_num_threads()} threads, PyTorch {torch.__version__}",
        "prepared": prepared_by(options, arguments),
        "command": command_of(options),
        "unlearning": asdict(preset.unlearning) if is_done else {},
        "average": options.average.name if is_done and options.average else None,
        # The card of the model that it goes on from, whose data and training are its own as well.
        "begun": begun.read_text(encoding="utf8") if begun and begun.exists() else None,
    }


def prepared_by(options: argparse.Namespace, arguments: dict[str, object]) -> str:
    """The first command, with what it was given. Who goes on from a model needs its tokenizer."""
    if options.init:
        arguments = {name: value for name, value in arguments.items() if name != "vocabulary"}
        arguments["tokenizer"] = f"{options.init.name}/tokenizer.json"
    words = [f"--{name} {value}" for name, value in arguments.items()]
    return " ".join(["python3 models/training/prepare.py", *words])


def command_of(options: argparse.Namespace) -> str:
    """How the run is started again, with what shapes the model and without the places of one machine."""
    folders = {"init": options.init, "average": options.average}
    shaping = {"preset": options.preset} | {name: folder and folder.name for name, folder in folders.items()}
    shaping |= {"tokens": options.tokens and f"{options.tokens:g}", "rate": options.rate != 1.0 and f"{options.rate:g}"}
    shaping |= {"theta": options.theta and f"{options.theta:g}", "context": options.context}
    shaping |= {"blend": options.blend is not None and f"{options.blend:g}"}
    shaping |= {"seed": options.seed != 1 and options.seed, "precision": options.precision}
    words = [f"--{name} {value}" for name, value in shaping.items() if value]
    return " ".join(["python3 models/training/make_model.py", *words])


def evaluate_and_write(out: Path, inputs: Inputs, options: EvaluationOptions) -> None:
    """Measures the folder and writes its card and evaluation.json."""
    data = json.loads((inputs.work / "data.json").read_text(encoding="utf8"))
    run = json.loads((inputs.folder / "run.json").read_text(encoding="utf8"))
    evaluation = evaluate(out, inputs.work, options, lambda line: print(line, flush=True))
    (inputs.folder / "evaluation.json").write_text(json.dumps(evaluation, indent=1) + "\n", encoding="utf8")
    commands = [
        run["prepared"],
        run["command"],
        "python3 models/training/evaluate.py          prints the figures above again",
    ]
    write_card(out, CardParts("Slipstream's default model", data, run, evaluation, commands))
    print((out / "README.md").read_text(encoding="utf8"))

"""The model card, README.md of a model folder. Its front matter tells the engine the order of the prompt's parts."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]

KNOWN_WEAKNESSES = """\
- It is small: it continues what the file shows and knows few libraries beyond those it learned from.
- It was trained in SPM order alone; in PSM order it does not fill in anything sensible.
- It has seen next to no text in other human languages than English.
- Licence headers were stripped from what it learned from, but it may still repeat well-known code word by word."""


# Sections that speak of an earlier model's own weights, which are no longer there.
OF_ITS_OWN = ("## Measured", "## Known weaknesses", "## Samples")


@dataclass(frozen=True)
class CardParts:
    name: str
    data: Json
    """data.json of prepare.py."""
    run: Json
    """How it was trained: preset, tokens, steps, seconds, device."""
    evaluation: Json
    commands: list[str]


def write_card(folder: Path, parts: CardParts) -> None:
    (folder / "README.md").write_text(card(parts), encoding="utf8")


def card(parts: CardParts) -> str:
    sections = [
        "---\nfim_order: spm\n---",
        f"# {parts.name}\n\n{introduction(parts)}",
        f"## Measured\n\n{quality(parts.evaluation, parts.data)}",
        f"## Data\n\n{data_section(parts.data)}",
        "## How it was made\n\n" + "".join(f"    {line}\n" for line in parts.commands) + "\n" + run_section(parts.run),
        *([f"## Its beginning\n\n{beginning(run_card, data_section(parts.data))}"] if (run_card := parts.run["begun"]) else []),
        f"## Known weaknesses\n\n{endings(parts.evaluation)}\n{KNOWN_WEAKNESSES}",
        f"## Samples\n\nPicked by a fixed seed, good or bad; `│` is the caret.\n\n{samples(parts.evaluation)}",
    ]
    return "\n\n".join(sections) + "\n"


def introduction(parts: CardParts) -> str:
    evaluation, run = parts.evaluation, parts.run
    return (
        f"A Llama of {evaluation['parameters'] / 1e6:.1f}M parameters for filling in code, trained from "
        f"{'an earlier model (see its beginning)' if run['begun'] else 'nothing'} on permissively licensed source: {run['layers']} layers, {run['hidden']} wide, {run['heads']} heads over "
        f"{run['kv_heads']} of keys and values, tied embeddings, {parts.data['vocabulary']} tokens, "
        f"up to {run['context']} of them at once. Prompts are in SPM order: "
        "`<|fim_prefix|><|fim_suffix|>` suffix `<|fim_middle|>` prefix."
    )


def quality(evaluation: Json, data: Json) -> str:
    bits = evaluation["bitsPerByte"]
    languages = sorted(set().union(*bits.values()) - {"all"}) + ["all"]
    seen = data["contamination"]["test"]
    rows = [
        [
            language,
            *(figure(bits[split].get(language)) for split in ("train", "validation", "test")),
            percent(seen.get(language)),
        ]
        for language in languages
    ]
    headings = ["bits per byte", "train", "validation", "test", "test lines also in train"]
    lines = [
        [
            name,
            s["n"],
            percent(s["exact"]),
            figure(s["similarity"]),
            f"{percent(s['nextIdentifier'])} of {s['nextIdentifierN']}",
            percent(s["ended"]),
            s["loops"],
        ]
        for name, s in evaluation["lines"].items()
        if s["n"]
    ]
    line_headings = ["rest of line", "n", "exact", "edit similarity", "next identifier", "ends by itself", "loops"]
    return (
        f"{table(headings, rows)}\n\n{table(line_headings, lines)}\n\n"
        "Rest of line: carets at random characters of lines of the test packages, greedy, in the product's order and "
        "shares of prompt, the last word before the caret written again (token healing); `slipstream eval lines` measures "
        "the whole product. "
        "Next identifier: where the prompt holds it. Ends by itself: with a control token, within 64 tokens. A loop: "
        "the completion ends in at most 16 tokens that are repeated 4 times or more, 12 tokens long in all."
    )


def data_section(data: Json) -> str:
    train = data["train"]
    amounts = ", ".join(f"{language} {size / 1e6:.1f}" for language, size in train["languages"].items())
    by_split: dict[str, list[str]] = defaultdict(list)
    for source in data["sources"]:
        by_split[source["split"]].append(f"{source['name']} {source['version']} ({source['licence']})")
    share = data["typescriptAndJavascript"]
    lists = "\n\n".join(f"**{split.capitalize()}:** {', '.join(names)}." for split, names in by_split.items())
    return (
        f"{train['bytes'] / 1e6:.1f} MB of source in {train['documents']} files (MB: {amounts}), {share:.0%} of it "
        "TypeScript and JavaScript. Split by package; generated, minified and vendored files, exact and near repeats "
        f"and licence headers are left out.\n\n{lists}"
    )


def run_section(run: Json) -> str:
    phases = ", then ".join(f"{p['share']:.0%} in rows of {p['context']} ({p['batch']} a step)" for p in run["phases"])
    return (
        f"{run['tokens'] / 1e6:.1f}M tokens in {run['step']} steps: {phases}; {run['seconds'] / 3600:.2f} hours on "
        f"{run['device']}. Base of the rotary positions {run['theta']:g}. Muon and AdamW; middles weigh "
        f"{run['middle_weight']:g} times as much as other text, the end of a middle {run['end_weight']:g} times."
        f"{unlearning(run)}{average(run)}"
    )


def unlearning(run: Json) -> str:
    """What came behind the training, and is in none of its amounts; nothing where an earlier recipe made the model."""
    steps = run.get("unlearning", {}).get("steps", 0)
    if not steps:
        return ""
    first = run["phases"][0]
    tokens = steps * first["batch"] * first["context"] / 1e6
    return (
        f" Behind that, and not counted: {steps} steps ({tokens:.1f}M tokens) that take loops away, with {run['unlearning']['loops']} "
        "completions of its own training documents beside each in which what repeats is made less likely (arXiv 1908.04319); the "
        f"weights are {run['unlearning']['blend']:.0%} of the way from those before to those behind."
    )


def average(run: Json) -> str:
    name = run.get("average")
    return f" In the end they are half-way between these and those of `{name}` (arXiv 2203.05482)." if name else ""


def endings(evaluation: Json) -> str:
    """How often it does not end, in the first and largest group of lines."""
    all_lines = next(iter(evaluation["lines"].values()))
    return (
        f"- As the model alone writes, {percent(all_lines['ended'])} of the completions end by themselves and "
        f"{all_lines['loops']} of {all_lines['n']} run into a loop; the product ends them with the line or the scope "
        "and leaves a loop, or cuts it."
    )


def beginning(earlier: str, data: str) -> str:
    """The card of an earlier model as a quotation: all but its front matter, its figures, and data that are the same."""
    body = earlier.split("---\n", 2)[-1] if earlier.startswith("---\n") else earlier
    kept = []
    for section in re.split(r"^(?=## )", body, flags=re.MULTILINE):
        title, _, text = section.partition("\n")
        if text.strip() == data:
            kept.append(f"{title}\n\nThe same.\n\n")
        elif title not in OF_ITS_OWN:
            kept.append(section)
    quoted = "\n".join(f"> {line}".rstrip() for line in "".join(kept).strip().splitlines())
    return f"It goes on from the weights of a model whose card said:\n\n{quoted}"


def samples(evaluation: Json) -> str:
    shown = [
        f"{s['file']}\n\n```\n{s['before']}│{s['completion']}\n```\n\nwas: `{s['truth']}`"
        for s in evaluation["samples"]
    ]
    return "\n\n".join(shown)


def table(headings: list[str], rows: list[list[object]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"

"""Rest-of-line completions on packages that were never trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from recipe import scores
from recipe.documents import Document
from recipe.generate import complete, fim_prompt
from recipe.healing import last_word
from recipe.languages import CODE, TYPESCRIPT_AND_JAVASCRIPT
from recipe.model import Llama
from recipe.spans import COMMENTS, line_at
from recipe.tokenizer import Codec

MOST_TOKENS = 64
SHOWN = 1500  # characters before the caret that a case keeps for the samples of the card


@dataclass(frozen=True)
class Case:
    """A caret inside a line: the truth is the rest of that line."""

    document: Document
    caret: int
    end: int
    is_seen: bool

    @property
    def truth(self) -> str:
        return self.document.text[self.caret : self.end].rstrip()


@dataclass(frozen=True)
class Result:
    case: Case
    line: str
    exact: bool
    similarity: float
    ended: bool
    loop: bool
    within_word: bool
    identifier: bool | None
    """Whether the next identifier is right; None where the prompt does not hold it, or none follows."""


def sample_cases(documents: list[Document], count: int, seed: int = 1) -> list[Case]:
    """`count` cases of TypeScript and JavaScript, and a tenth as many of every other language that there is."""
    rng = Random(seed)
    main = [d for d in documents if d.language in TYPESCRIPT_AND_JAVASCRIPT and d.language != "dts"]
    cases = cases_of(main, count, rng)
    for language in CODE:
        if language not in TYPESCRIPT_AND_JAVASCRIPT:
            cases += cases_of([d for d in documents if d.language == language], count // 10, rng)
    return cases


def cases_of(documents: list[Document], count: int, rng: Random) -> list[Case]:
    """Every character of the documents is as likely as any other, but for the first and the last of a line."""
    documents = [document for document in documents if document.text.count("\n") >= 12]
    if not documents or count == 0:
        return []
    sizes = [len(document.text) for document in documents]
    cases: dict[tuple[int, int], Case] = {}
    for _ in range(count * 50):
        if len(cases) == count:
            break
        index = rng.choices(range(len(documents)), sizes)[0]
        text = documents[index].text
        start, first, end = line_at(text, rng.randrange(len(text)))
        if end - first < 10 or text.startswith(COMMENTS, first) or (index, start) in cases:
            continue
        caret = rng.randint(first + 1, end - 2)
        if text[caret:end].strip():
            number = text.count("\n", 0, start)
            cases[index, start] = Case(documents[index], caret, end, number in documents[index].seen)
    return list(cases.values())


def run_case(model: Llama, codec: Codec, case: Case) -> Result:
    text, truth = case.document.text, case.truth
    typed = last_word(codec, text[: case.caret])
    start = case.caret - len(typed)
    prompt = fim_prompt(codec, text[:start], text[case.end :], model.shape.context - MOST_TOKENS)
    done = complete(model, codec, prompt, MOST_TOKENS, typed)
    line = done.text.split("\n")[0].rstrip()
    before = text[text.rfind("\n", 0, case.caret) + 1 : case.caret]
    wanted = scores.next_identifier(before, truth)
    shown = codec.decode(prompt)
    in_prompt = wanted is not None and scores.occurs(wanted, shown)
    return Result(
        case=case,
        line=line,
        # A line that was cut off at the limit of tokens is not the rest of the line.
        exact=line == truth and (done.ended or "\n" in done.text),
        similarity=scores.edit_similarity(line, truth),
        ended=done.ended,
        loop=scores.is_loop(done.ids, [codec.texts[token] for token in done.ids]),
        within_word=scores.is_within_word(before, truth),
        identifier=scores.next_identifier(before, line) == wanted if in_prompt else None,
    )


def summary(results: list[Result]) -> dict[str, float | int]:
    """Shares, and how many cases they are shares of."""
    if not results:
        return {"n": 0}

    def share(found: list[Result], holds: Callable[[Result], bool]) -> float:
        return round(sum(map(holds, found)) / max(1, len(found)), 4)

    known = [result for result in results if result.identifier is not None]
    return {
        "n": len(results),
        "exact": share(results, lambda r: r.exact),
        "similarity": round(sum(r.similarity for r in results) / len(results), 4),
        "nextIdentifierN": len(known),
        "nextIdentifier": share(known, lambda r: r.identifier is True),
        "ended": share(results, lambda r: r.ended),
        "loops": sum(r.loop for r in results),
    }


def summaries(results: list[Result]) -> dict[str, dict[str, float | int]]:
    """Over TypeScript and JavaScript, by language, and by what may make a case easier."""
    main = [r for r in results if r.case.document.language in TYPESCRIPT_AND_JAVASCRIPT]
    out = {"typescript and javascript": summary(main)}
    for language in sorted({r.case.document.language for r in results}):
        out[language] = summary([r for r in results if r.case.document.language == language])
    out["without lines that occur in training"] = summary([r for r in main if not r.case.is_seen])
    out["caret within a word"] = summary([r for r in main if r.within_word])
    out["caret between words"] = summary([r for r in main if not r.within_word])
    for package in sorted({r.case.document.package for r in main}):
        out[package] = summary([r for r in main if r.case.document.package == package])
    return out

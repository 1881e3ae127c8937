"""Which tokens of a loop are taken away, and that they become unlikely."""

import signal
import tempfile
import unittest
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from random import Random

import torch

from recipe.generate import complete, complete_lines
from recipe.presets import Unlearning
from recipe.train import RunOptions, Stop
from recipe.unlearning import Loop, Question, line_ends, loop_of, loss, nats_of, questions_of, unlearn_loops
from tests import support
from tests.test_training import SMALL, small_model

LENGTH = 96


def questions(count: int) -> list[Question]:
    return questions_of(support.documents(), support.codec(), count, LENGTH, Random(3))


class QuestionsTest(unittest.TestCase):
    def test_prompts_are_of_one_length_and_go_on_with_the_rest_of_the_line(self) -> None:
        codec = support.codec()
        texts = [document.text for document in support.documents()]
        asked = questions(40)
        self.assertGreater(len(asked), 20)
        for question in asked:
            self.assertEqual(len(question.prompt), LENGTH)
            self.assertEqual(question.truth[-1], codec.end)
            before = codec.decode(question.prompt[question.prompt.index(codec.middle) + 1 :])
            line = before[-20:] + codec.decode(question.truth[:-1]) + "\n"
            self.assertTrue(any(line in text for text in texts), line)


class LoopTest(unittest.TestCase):
    def test_the_first_round_of_a_loop_is_kept(self) -> None:
        codec = support.codec()
        start, unit = codec.encode("const a = ["), codec.encode("f(x), ")
        question = Question([1], [2])
        loop = loop_of(question, start + unit * 6, codec)
        self.assertEqual(loop.first, len(start) + len(unit))
        self.assertIsNone(loop_of(question, start + unit, codec))

    def test_what_repeats_becomes_unlikely_and_the_truth_likely(self) -> None:
        torch.manual_seed(2)
        model, codec = small_model(), support.codec()
        repeated = codec.encode("sum")[0]
        loops = [Loop(question, [repeated] * 20, 1) for question in questions(4)]
        rows = [(loop.question.prompt, loop.answer) for loop in loops]
        truths = [(loop.question.prompt, loop.question.truth) for loop in loops]

        def figures() -> tuple[float, float]:
            with torch.no_grad():
                repeats = nats_of(model, rows, codec, torch.float32)[:, 1:20]
                first = nats_of(model, truths, codec, torch.float32)[:, 0]
            return repeats.mean().item(), first.mean().item()

        optimiser = torch.optim.Adam(model.parameters(), 1e-3)
        repeats_before, truth_before = figures()
        for _ in range(20):
            optimiser.zero_grad()
            loss(model, loops, codec, torch.float32).backward()
            optimiser.step()
        repeats, truth = figures()
        self.assertGreater(repeats, repeats_before + 0.5)
        self.assertLess(truth, truth_before)


class CompletionTest(unittest.TestCase):
    def test_many_at_once_are_completed_like_one(self) -> None:
        model, codec = small_model(), support.codec()
        prompts = [question.prompt for question in questions(6)]
        ends = line_ends(codec)
        together = complete_lines(model, prompts, ends, 8, torch.float32)
        for prompt, tokens in zip(prompts, together):
            alone = complete(model, codec, prompt, 8)
            cut = next((i + 1 for i, token in enumerate(alone.ids) if ends[token]), len(alone.ids))
            self.assertEqual([token for token in tokens if token not in codec.special], alone.ids[:cut])


class StopsIn(StringIO):
    """Wants a stop as soon as a step is told, which is before it ends."""

    def __init__(self, step: int, stop: Stop) -> None:
        super().__init__()
        self._told, self._stop = f'{{"unlearning": {step},', stop

    def write(self, text: str) -> int:
        self._stop.wanted = self._stop.wanted or text.startswith(self._told)
        return super().write(text)


class StageTest(unittest.TestCase):
    def unlearn(self, blend: float, stop_in: int = 0, minutes: float = 0.0) -> tuple[bool, float]:
        """Three steps. Returns whether they are done, and how far the weights are from those before."""
        torch.set_num_threads(1)
        model = small_model(5)
        before = model.model.norm.weight.detach().clone()
        how = Unlearning(steps=3, rates=SMALL.rates, asked=8, loops=1, blend=blend)
        preset = replace(SMALL, phases=(replace(SMALL.phases[0], context=128),), unlearning=how)
        stop = Stop()
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(StopsIn(stop_in, stop)):
            options = RunOptions(Path(folder), minutes=minutes, log_every=1)
            done = unlearn_loops(model, preset, support.documents(), support.codec(), options, stop)
        return done, (model.model.norm.weight - before).abs().max().item()

    def test_it_changes_the_model_as_far_as_is_wanted(self) -> None:
        self.assertEqual(self.unlearn(0.0), (True, 0.0))
        (done, whole), (_, half), (_, beyond) = self.unlearn(1.0), self.unlearn(0.5), self.unlearn(1.2)
        self.assertTrue(done)
        self.assertGreater(whole, 0.001)
        self.assertAlmostEqual(half, whole / 2, places=5)
        self.assertAlmostEqual(beyond, whole * 1.2, places=5)

    def test_what_was_stopped_leaves_the_model_as_it_was(self) -> None:
        self.assertEqual(self.unlearn(1.0, stop_in=2), (False, 0.0))
        self.assertEqual(self.unlearn(1.0, minutes=1e-9), (False, 0.0))

    def test_a_stop_in_the_last_step_loses_nothing(self) -> None:
        done, change = self.unlearn(1.0, stop_in=3)
        self.assertTrue(done)
        self.assertGreater(change, 0.001)

    def test_signals_are_held_only_while_a_block_runs(self) -> None:
        before = signal.getsignal(signal.SIGTERM)
        with Stop() as stop:
            signal.raise_signal(signal.SIGTERM)
            self.assertTrue(stop.wanted)
        self.assertIs(signal.getsignal(signal.SIGTERM), before)


if __name__ == "__main__":
    unittest.main()

"""What a run begins with and goes on with, and what one leaves that was stopped behind its training."""

import argparse
import json
import shutil
import signal
import tempfile
import unittest
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from unittest import mock

import torch

from recipe.documents import write_documents
from recipe.evaluate import EvaluationOptions
from recipe.export import export_model, read_model
from recipe.make import Inputs, make_model
from recipe.presets import PRESETS, preset_of
from tests import support
from tests.test_training import SMALL, TOKENS_PER_STEP, small_model


def work_folder(folder: str) -> Inputs:
    inputs = Inputs(Path(folder), "tiny")
    shutil.copyfile(support.tokenizer_path(), inputs.tokenizer)
    write_documents(inputs.documents, support.documents())
    (inputs.work / "data.json").write_text("{}", encoding="utf8")
    return inputs


class InterruptsResumed(StringIO):
    """Ctrl+C, as soon as a run says that it goes on."""

    def write(self, text: str) -> int:
        if text.startswith("continues at"):
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


def make(inputs: Inputs, printed: StringIO | None = None, **more: object) -> str:
    """Of a training of one step, whose time is over behind it. Returns what is printed."""
    given = {"preset": "tiny", "seed": 1, "threads": 1, "rate": 1.0, "precision": "fp32", "minutes": 1e-9, "steps": 0}
    given |= {"checkpoint_minutes": 4.0, "micro": 0, "workers": 0, "compile": False, "cases": 1, "bytes": 1}
    given |= dict.fromkeys(("out", "init", "average", "tokens", "theta", "context", "blend"))
    printed = printed or StringIO()
    with redirect_stdout(printed):
        make_model(replace(SMALL, tokens=TOKENS_PER_STEP), argparse.Namespace(**given | more), inputs)
    return printed.getvalue()


class PresetTest(unittest.TestCase):
    def test_of_an_unlearning_that_is_not_wanted_no_step_is_made(self) -> None:
        options = {"preset": "tiny", "tokens": None, "theta": None, "rate": 1.0}
        steps = [preset_of(argparse.Namespace(**options, blend=blend)).unlearning.steps for blend in (0.0, None, 1.1)]
        self.assertEqual(steps, [0, 4, 4])
        changed = preset_of(argparse.Namespace(**options | {"tokens": 5e6, "rate": 0.5}, blend=None))
        self.assertEqual((changed.tokens, changed.rates), (5e6, PRESETS["tiny"].rates.times(0.5)))


class MakeTest(unittest.TestCase):
    def test_of_a_stopped_unlearning_nothing_is_kept_and_nothing_told(self) -> None:
        with tempfile.TemporaryDirectory() as work, tempfile.TemporaryDirectory() as other:
            export_model(small_model(), support.tokenizer_path(), Path(other))
            inputs = work_folder(work)
            printed = make(inputs, average=Path(other))
            self.assertIn("stopped in the unlearning", printed)
            self.assertIn("the same command does all of it again", printed)
            figures = json.loads((inputs.folder / "run.json").read_text(encoding="utf8"))
            trained = torch.load(inputs.folder / "checkpoint.pt")["model"]
            exported = read_model(inputs.folder / "model").state_dict()
        self.assertEqual((figures["step"], figures["unlearning"], figures["average"]), (1, {}, None))
        for name, weights in exported.items():
            self.assertTrue(torch.equal(weights, trained[name].half().float()), name)

    def test_a_stop_that_comes_while_training_ends_is_one_of_the_unlearning(self) -> None:
        with tempfile.TemporaryDirectory() as work:
            inputs = work_folder(work)
            make(inputs)
            self.assertIn("stopped in the unlearning", make(inputs, InterruptsResumed(), minutes=0.0))

    def test_documents_or_tokenizer_of_another_run_are_refused(self) -> None:
        with tempfile.TemporaryDirectory() as work:
            inputs = work_folder(work)
            make(inputs)
            make(inputs)
            write_documents(inputs.documents, support.documents()[:6])
            with self.assertRaisesRegex(ValueError, r"another train\.xz: put that back"):
                make(inputs)
            support.other_tokenizer(inputs.work)
            with self.assertRaisesRegex(ValueError, r"another tokenizer\.json and another train\.xz"):
                make(inputs)

    def test_other_options_than_those_it_began_with_are_refused(self) -> None:
        with tempfile.TemporaryDirectory() as work, tempfile.TemporaryDirectory() as begun:
            export_model(small_model(), support.tokenizer_path(), Path(begun))
            inputs = work_folder(work)
            make(inputs, init=Path(begun))
            for change in ({"seed": 2}, {"rate": 0.5}, {"theta": 50_000.0}):
                name = next(iter(change))
                with self.subTest(name), self.assertRaisesRegex(ValueError, f"another --{name}: put that back"):
                    make(inputs, init=Path(begun), **change)
            make(inputs, init=Path(begun))

    def test_another_beginning_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as work, tempfile.TemporaryDirectory() as begun:
            export_model(small_model(), support.tokenizer_path(), Path(begun))
            inputs, nothing = work_folder(work), Inputs(Path(work), "nothing")
            make(inputs, init=Path(begun))
            make(nothing)
            for run, init in ((inputs, None), (nothing, Path(begun))):
                with self.subTest(init), self.assertRaisesRegex(ValueError, "another --init: put that back"):
                    make(run, init=init)
            # The same folder, with other weights.
            export_model(small_model(seed=2), support.tokenizer_path(), Path(begun))
            with self.assertRaisesRegex(ValueError, "another --init: put that back"):
                make(inputs, init=Path(begun))

    def test_a_run_of_an_earlier_recipe_goes_on_whatever_it_began_with(self) -> None:
        with tempfile.TemporaryDirectory() as work, tempfile.TemporaryDirectory() as begun:
            export_model(small_model(), support.tokenizer_path(), Path(begun))
            inputs = work_folder(work)
            make(inputs, init=Path(begun))
            checkpoint = inputs.folder / "checkpoint.pt"
            state = torch.load(checkpoint)
            del state["inputs"]["--init"]
            torch.save(state, checkpoint)
            make(inputs, init=Path(begun))

    def test_a_beginning_that_the_run_would_write_over_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as work:
            inputs = work_folder(work)
            make(inputs)
            with self.assertRaisesRegex(ValueError, "would be overwritten"):
                make(inputs, init=inputs.folder / "model")

    def test_every_run_is_measured_on_the_carets_that_evaluating_takes(self) -> None:
        with tempfile.TemporaryDirectory() as work, mock.patch("recipe.make.evaluate_and_write") as measured:
            make(work_folder(work), seed=4, minutes=0.0)
        self.assertEqual(measured.call_args.args[2], EvaluationOptions(1, 1))

    def test_the_first_command_is_told_with_what_it_was_given(self) -> None:
        with tempfile.TemporaryDirectory() as work:
            inputs = work_folder(work)
            for data, words in (({}, ""), ({"arguments": {"vocabulary": 8192}}, " --vocabulary 8192")):
                (inputs.work / "data.json").write_text(json.dumps(data), encoding="utf8")
                make(inputs)
                figures = json.loads((inputs.folder / "run.json").read_text(encoding="utf8"))
                self.assertEqual(figures["prepared"], "python3 models/training/prepare.py" + words)

    def test_a_beginning_with_another_tokenizer_of_the_same_size_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as work, tempfile.TemporaryDirectory() as begun:
            export_model(small_model(), support.tokenizer_path(), Path(begun))
            inputs = work_folder(work)
            make(inputs, init=Path(begun))
            support.other_tokenizer(inputs.work)
            with self.assertRaisesRegex(ValueError, r"prepare\.py --tokenizer .*/tokenizer\.json"):
                make(inputs, init=Path(begun))


if __name__ == "__main__":
    unittest.main()

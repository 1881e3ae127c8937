"""What the commands take, and what they say before they do anything."""

import argparse
import contextlib
import sys
import tempfile
import unittest
from io import StringIO
from pathlib import Path
from unittest import mock

import evaluate
import make_model
import prepare
from recipe.folders import PREPARED, PRESET_NAMES
from recipe.presets import PRESETS


class CommandsTest(unittest.TestCase):
    def test_a_preset_that_there_is_not_is_refused_with_those_that_there_are(self) -> None:
        self.assertEqual(PRESET_NAMES, tuple(PRESETS))
        for command in (make_model, evaluate):
            printed = StringIO()
            with mock.patch.object(sys, "argv", ["command", "--preset", "cpuu"]), contextlib.redirect_stderr(printed):
                self.assertRaises(SystemExit, command.main)
            self.assertRegex(printed.getvalue(), "'cpuu'.*tiny.*gpu60")

    def test_without_prepare_nothing_is_installed_and_all_that_is_missing_is_named(self) -> None:
        for command in (make_model, evaluate):
            with tempfile.TemporaryDirectory() as work, mock.patch.object(command, "ensure_tokenizers") as install:
                for name in set(PREPARED) - {"train.xz", "data.json"}:
                    Path(work, name).touch()
                wanted = r"has no train\.xz and no data\.json: run prepare\.py first"
                arguments = ["command", "--work", work]
                with mock.patch.object(sys, "argv", arguments), self.assertRaisesRegex(FileNotFoundError, wanted):
                    command.main()
                install.assert_not_called()

    def test_of_what_prepare_was_given_that_is_kept_which_shapes_the_data(self) -> None:
        for change, wanted in (
            ({}, {}),
            ({"vocabulary": 8192}, {"vocabulary": 8192}),
            ({"packages": Path("/some/where/few.tsv")}, {"packages": "few.tsv"}),
            # Which has a vocabulary of its own.
            ({"tokenizer": Path("/some/C6/tokenizer.json"), "vocabulary": 8}, {"tokenizer": "C6/tokenizer.json"}),
        ):
            given = {"packages": prepare.LIST, "vocabulary": prepare.VOCABULARY, "tokenizer": None}
            self.assertEqual(prepare.shaping(argparse.Namespace(**given | change)), wanted)


if __name__ == "__main__":
    unittest.main()

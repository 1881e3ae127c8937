"""What a model card says of how the model came to be."""

import argparse
import unittest
from pathlib import Path

from recipe.card import average, beginning, unlearning
from recipe.make import command_of, prepared_by


class CardTest(unittest.TestCase):
    def test_an_earlier_models_card_is_quoted_without_its_front_matter(self) -> None:
        quoted = beginning("---\nfim_order: spm\n---\n\n# Starter\n\nSmall.\n", "")
        self.assertTrue(quoted.endswith("> # Starter\n>\n> Small."), quoted)
        self.assertNotIn("fim_order", quoted)

    def test_of_an_earlier_card_only_what_still_holds_is_quoted(self) -> None:
        card = "# Starter\n\n## Measured\n\n9 %\n\n## Data\n\nPackages.\n\n## How it was made\n\nSlowly.\n"
        quoted = beginning(card, "Packages.").split("\n\n", 1)[1]
        self.assertEqual(
            quoted, "> # Starter\n>\n> ## Data\n>\n> The same.\n>\n> ## How it was made\n>\n> Slowly."
        )
        self.assertIn("> Packages.", beginning(card, "Other packages."))

    def test_what_took_loops_away_is_told(self) -> None:
        run = {"phases": [{"batch": 32, "context": 512}], "unlearning": {"steps": 100, "loops": 8, "blend": 0.5}}
        self.assertIn(" 100 steps (1.6M tokens) that take loops away, with 8 completions ", unlearning(run))
        self.assertEqual(unlearning({"phases": run["phases"]}), "")

    def test_the_command_has_what_shapes_the_model_and_no_place_of_a_machine(self) -> None:
        nothing = {"init": None, "average": None, "tokens": None, "theta": None, "context": None, "blend": None}
        options = argparse.Namespace(preset="cpu", rate=1.0, seed=1, precision="auto", **nothing)
        self.assertEqual(command_of(options), "python3 models/training/make_model.py --preset cpu --precision auto")
        options.init, options.tokens, options.rate = Path("/some/where/starter"), 2e7, 0.6
        self.assertIn(" --init starter --tokens 2e+07 --rate 0.6 ", command_of(options))
        options.seed, options.average = 4, Path("/some/where/other")
        self.assertIn(" --average other ", command_of(options))
        self.assertIn(" --seed 4 ", command_of(options))
        options.blend = 1.1
        self.assertIn(" --blend 1.1 ", command_of(options))
        options.blend = 0.0
        self.assertIn(" --blend 0 ", command_of(options))

    def test_the_first_command_has_what_it_was_given_and_the_tokenizer_of_a_beginning(self) -> None:
        options, command = argparse.Namespace(init=None), "python3 models/training/prepare.py"
        self.assertEqual(prepared_by(options, {}), command)
        given = {"packages": "few.tsv", "vocabulary": 8192}
        self.assertEqual(prepared_by(options, given), f"{command} --packages few.tsv --vocabulary 8192")
        options.init = Path("/some/where/starter")
        self.assertEqual(prepared_by(options, {}), f"{command} --tokenizer starter/tokenizer.json")
        wanted = f"{command} --packages few.tsv --tokenizer starter/tokenizer.json"
        self.assertEqual(prepared_by(options, given), wanted)

    def test_another_model_that_went_into_it_is_named(self) -> None:
        self.assertIn(" half-way between these and those of `other` ", average({"average": "other"}))
        self.assertEqual(average({"average": None}), "")
        self.assertEqual(average({}), "")


if __name__ == "__main__":
    unittest.main()

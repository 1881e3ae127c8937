"""Half-way between two models, and a companion that does not fit."""

import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

import torch

from recipe.average import average_with, read_companion
from recipe.export import export_model
from recipe.model import Llama
from tests import support
from tests.test_training import small_model


class AverageTest(unittest.TestCase):
    def test_goes_half_way_to_a_model_of_the_same_shape(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            other = small_model(seed=1)
            export_model(other, support.tokenizer_path(), Path(name))
            model = small_model(seed=2)
            before = [parameter.clone() for parameter in model.parameters()]
            average_with(model, read_companion(Path(name), model, support.tokenizer_path()))
            for parameter, one, two in zip(model.parameters(), before, other.parameters()):
                torch.testing.assert_close(parameter, (one + two) / 2, rtol=1e-3, atol=1e-4)

    def test_refuses_another_shape_before_anything_is_trained(self) -> None:
        tokenizer = support.tokenizer_path()
        with tempfile.TemporaryDirectory() as name:
            model = small_model()
            export_model(model, tokenizer, Path(name))
            shape = model.shape
            read_companion(Path(name), Llama(replace(shape, context=2 * shape.context)), tokenizer)
            with self.assertRaisesRegex(ValueError, "feed_forward 48 in place of 96"):
                read_companion(Path(name), Llama(replace(shape, feed_forward=2 * shape.feed_forward)), tokenizer)
            # Of the same sizes, and yet weights of another meaning.
            with self.assertRaisesRegex(ValueError, "theta 10000 in place of 50000"):
                read_companion(Path(name), Llama(replace(shape, theta=50_000.0)), tokenizer)
            with self.assertRaisesRegex(ValueError, "heads 4 in place of 8"):
                read_companion(Path(name), Llama(replace(shape, heads=8, kv_heads=4)), tokenizer)

    def test_refuses_another_tokenizer_of_the_same_size(self) -> None:
        with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as other:
            model = small_model()
            export_model(model, support.tokenizer_path(), Path(name))
            with self.assertRaisesRegex(ValueError, "another tokenizer"):
                read_companion(Path(name), model, support.other_tokenizer(Path(other)))


if __name__ == "__main__":
    unittest.main()

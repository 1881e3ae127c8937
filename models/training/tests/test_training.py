"""The model, the trainer's resumption, the export."""

import tempfile
import unittest
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from unittest import mock

import torch

from recipe.export import export_model, read_model, split
from recipe.generate import complete, fim_prompt
from recipe.learner import Learner
from recipe.model import Llama, Shape
from recipe.optimiser import orthogonalise, schedule
from recipe.presets import PRESETS, Phase, phase_at
from recipe.train import RunOptions, Stop, train
from tests import support

SMALL = replace(
    PRESETS["tiny"],
    hidden=32,
    layers=2,
    heads=4,
    kv_heads=2,
    feed_forward=48,
    phases=(Phase(0.5, 64, 4), Phase(0.5, 128, 2)),
)
TOKENS_PER_STEP = 256


def small_model(seed: int = 1) -> Llama:
    torch.manual_seed(seed)
    return Llama(Shape(32, 2, 4, 2, 48, support.codec().size, 128, 10_000.0))


def run(folder: str, steps: list[int], total: int, inputs: dict[str, str] | None = None) -> tuple[Llama, bool]:
    """Trains in calls of so many steps, each with a new model that only the checkpoint fills."""
    preset, done = replace(SMALL, tokens=total * TOKENS_PER_STEP), False
    for number, count in enumerate(steps):
        model = small_model(seed=number)
        if number == 0:
            model = small_model(seed=99)
        options = RunOptions(Path(folder), steps=count, log_every=5, inputs=inputs or {})
        with redirect_stdout(StringIO()):
            _, done = train(model, preset, support.documents(), support.codec(), options, Stop())
    return model, done


class ResumeTest(unittest.TestCase):
    def test_a_run_in_pieces_gives_the_same_weights_bit_by_bit(self) -> None:
        torch.set_num_threads(1)
        with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as pieces:
            a, done_a = run(whole, [0], 24)
            # The first stop is within the first phase, the second within the second.
            b, done_b = run(pieces, [7, 9, 0], 24)
        self.assertTrue(done_a and done_b)
        for (name, p), (_, q) in zip(a.named_parameters(), b.named_parameters()):
            self.assertTrue(torch.equal(p, q), name)

    def test_a_checkpoint_goes_on_with_no_other_inputs(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            run(folder, [1], 4, {"tokenizer.json": "a", "train.xz": "b"})
            with self.assertRaisesRegex(ValueError, r"another train\.xz: put that back"):
                run(folder, [1], 4, {"tokenizer.json": "a", "train.xz": "c"})
            _, done = run(folder, [0], 4, {"tokenizer.json": "a", "train.xz": "b"})
        self.assertTrue(done)

    def test_a_checkpoint_of_an_earlier_recipe_goes_on(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            run(folder, [3], 4)
            checkpoint = Path(folder) / "checkpoint.pt"
            state = torch.load(checkpoint)
            del state["inputs"]
            torch.save(state, checkpoint)
            run(folder, [1], 4, {"train.xz": "a"})
            self.assertEqual(torch.load(checkpoint)["step"], 4)
            self.assertEqual(torch.load(checkpoint)["inputs"], {"train.xz": "a"})

    def test_training_lowers_the_loss(self) -> None:
        torch.set_num_threads(1)
        codec, text = support.codec(), support.documents()[0].text[:300]
        ids = torch.tensor([codec.encode(text)])
        before = small_model(99).losses(ids).mean().item()
        with tempfile.TemporaryDirectory() as folder:
            model, _ = run(folder, [0], 40)
        self.assertLess(model.losses(ids).mean().item(), before - 1.0)


class LearnerTest(unittest.TestCase):
    @unittest.skipUnless(hasattr(torch, "compiler"), "needs PyTorch 2.1")
    def test_behind_another_shape_the_same_is_compiled_as_in_a_process_of_its_own(self) -> None:
        graphs: list[str] = []
        compile_with = torch.compile

        def record(graph: torch.fx.GraphModule, _: list[object]) -> object:
            graphs.append(graph.code)
            return graph.forward

        def learn(*shapes: tuple[int, int]) -> str:
            torch.compiler.reset()
            learner = Learner(small_model(), SMALL, bf16=False, micro=0, compiled=True)
            for shape in shapes:
                ids = torch.randint(0, 300, shape)
                learner.learn(ids, torch.ones_like(ids), 1.0, 0)
            return graphs[-1]

        with mock.patch("torch.compile", lambda function, **more: compile_with(function, backend=record, **more)):
            self.assertEqual(learn((4, 65), (2, 129)), learn((2, 129)))


class ModelTest(unittest.TestCase):
    def test_decoding_with_a_cache_equals_reading_everything_at_once(self) -> None:
        model, ids = small_model(), torch.randint(0, 300, (2, 20))
        with torch.no_grad():
            whole, _ = model(ids)
            first, cache = model(ids[:, :13], keep=True)
            second, cache = model(ids[:, 13:16], cache, keep=True)
            third, _ = model(ids[:, 16:], cache)
        self.assertLess((torch.cat((first, second, third), 1) - whole).abs().max().item(), 1e-5)

    def test_later_tokens_change_nothing_before_them(self) -> None:
        model, ids = small_model(), torch.randint(0, 300, (1, 20))
        other = ids.clone()
        other[0, 12:] = 5
        with torch.no_grad():
            self.assertTrue(torch.allclose(model(ids)[0][:, :12], model(other)[0][:, :12], atol=1e-6))

    def test_export_gives_the_model_back(self) -> None:
        model = small_model()
        with tempfile.TemporaryDirectory() as name:
            export_model(model, support.tokenizer_path(), Path(name))
            back = read_model(Path(name))
        self.assertEqual(back.shape, model.shape)
        for p, q in zip(model.parameters(), back.parameters()):
            self.assertTrue(torch.equal(p.half().float(), q))

    def test_large_models_are_split_and_nothing_is_lost(self) -> None:
        tensors = {str(number): torch.zeros(5_000_000).half().numpy() for number in range(10)}
        groups = split(tensors)
        self.assertEqual([len(group) for group in groups], [4, 4, 2])

    def test_a_completion_ends_at_its_limit_or_by_itself(self) -> None:
        codec, model = support.codec(), small_model()
        prompt = fim_prompt(codec, "const a = ", ";\n" * 300, 64)
        self.assertLessEqual(len(prompt), 64)
        done = complete(model, codec, prompt, 8)
        self.assertTrue(done.ended or len(done.ids) == 8)
        self.assertEqual(codec.decode(done.ids), done.text)

    def test_a_completion_begins_with_what_was_typed_and_tells_what_follows(self) -> None:
        codec, model = support.codec(), small_model()
        prompt = fim_prompt(codec, "const a = ", ";\n", 64)
        for typed in ("sum", " scal", "this.si", "<", "\n  "):
            done = complete(model, codec, prompt, 8, typed)
            self.assertEqual(codec.decode(done.ids), typed + done.text)
            self.assertGreater(len(done.ids), 0)


class OptimiserTest(unittest.TestCase):
    def test_orthogonalised_matrices_have_singular_values_near_one(self) -> None:
        torch.manual_seed(0)
        for shape in ((24, 64), (64, 24)):
            values = torch.linalg.svdvals(orthogonalise(torch.randn(3, *shape), torch.float32))
            self.assertTrue(0.5 < values.min() and values.max() < 1.4, values)

    def test_schedule_goes_up_stays_and_goes_down(self) -> None:
        factors = [schedule(done, 0.1, 0.5) for done in (0.05, 0.1, 0.4, 0.75, 0.999)]
        for factor, wanted in zip(factors, (0.5, 1.0, 1.0, 0.5, 0.01)):
            self.assertAlmostEqual(factor, wanted, places=3)

    def test_phases_follow_each_other(self) -> None:
        for preset in PRESETS.values():
            self.assertAlmostEqual(sum(phase.share for phase in preset.phases), 1.0)
            self.assertEqual((phase_at(preset, 0.0), phase_at(preset, 1.0)), (0, len(preset.phases) - 1))

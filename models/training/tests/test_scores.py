"""The scores, and the cases they are taken of."""

import unittest

from recipe import scores
from recipe.documents import Document
from recipe.healing import last_word
from recipe.lines import Case, run_case, sample_cases, summary
from tests import support


class ScoresTest(unittest.TestCase):
    def test_loops(self) -> None:
        texts = {1: "a", 2: "b", 3: " "}

        def is_loop(ids: list[int]) -> bool:
            return scores.is_loop(ids, [texts.get(token, "x") for token in ids])

        self.assertTrue(is_loop([7, 8] + [1, 2] * 6))
        self.assertTrue(is_loop([1] * 12))
        self.assertFalse(is_loop([1, 2] * 3))
        self.assertFalse(is_loop([1] * 8))
        self.assertFalse(is_loop([3] * 40))
        self.assertFalse(is_loop(list(range(10, 60))))

    def test_edit_similarity(self) -> None:
        self.assertEqual(scores.edit_similarity("", ""), 1.0)
        self.assertEqual(scores.edit_similarity("abc", ""), 0.0)
        self.assertAlmostEqual(scores.edit_similarity("kitten", "sitting"), 1 - 3 / 7)

    def test_next_identifier_counts_what_is_typed_already(self) -> None:
        self.assertEqual(scores.next_identifier("  this.val", "ue + other"), "value")
        self.assertEqual(scores.next_identifier("  this.", "value + other"), "value")
        self.assertEqual(scores.next_identifier("  total", " + other;"), "other")
        self.assertIsNone(scores.next_identifier("f(", ");"))
        self.assertTrue(scores.is_within_word("va", "lue") and not scores.is_within_word("va.", "lue"))
        self.assertTrue(scores.occurs("value", "a.value = 1") and not scores.occurs("value", "values"))


class CasesTest(unittest.TestCase):
    def test_cases_are_the_same_each_time_and_within_lines(self) -> None:
        documents = support.documents()
        first, again = sample_cases(documents, 50), sample_cases(documents, 50)
        self.assertEqual([(c.document.path, c.caret) for c in first], [(c.document.path, c.caret) for c in again])
        self.assertEqual(len(first), 50)
        for case in first:
            before = case.document.text[: case.caret].split("\n")[-1]
            self.assertTrue(before.strip() and case.truth and "\n" not in case.truth)

    def test_seen_lines_are_marked(self) -> None:
        document = Document("p", "a.ts", "ts", "const somethingLong = 1;\n" * 40, seen=list(range(20)))
        cases = sample_cases([document], 30)
        for case in cases:
            line = document.text.count("\n", 0, case.caret)
            self.assertEqual(case.is_seen, line < 20)

    def test_a_model_that_knows_the_line_scores_full(self) -> None:
        codec, document = support.codec(), support.documents()[1]
        caret = document.text.index("push(scale") + len("push(")
        case = Case(document, caret, document.text.index("\n", caret), False)
        typed = last_word(codec, document.text[:caret])
        result = run_case(Oracle(codec.encode(typed + case.truth) + [codec.end], codec.size), codec, case)
        figures = summary([result])
        self.assertEqual((figures["exact"], figures["similarity"], figures["ended"]), (1.0, 1.0, 1.0))
        self.assertEqual((figures["nextIdentifier"], figures["loops"]), (1.0, 0))


class Oracle:
    """Says given tokens one after the other, in the interface of recipe.model.Llama."""

    def __init__(self, ids: list[int], size: int) -> None:
        import torch

        self.torch, self.left, self.size = torch, list(ids), size
        self.shape = type("Shape", (), {"context": 256})()

    def parameters(self):
        return iter([self.torch.zeros(1)])

    def __call__(self, ids, cache, keep):
        return self.torch.zeros(1, 1, 1), [None]

    def logits(self, hidden):
        return self.torch.nn.functional.one_hot(self.torch.tensor([self.left.pop(0)]), self.size).float()

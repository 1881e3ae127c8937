"""Spans, units and the stream of rows."""

import unittest
from random import Random

from recipe.documents import Document
from recipe.healing import last_word
from recipe.spans import KINDS, choose_span, line_at, span_of
from recipe.stream import LANES, Position, Stream, StreamOptions
from recipe.units import END, MIDDLE, PAD, TEXT, Mix, fim_unit, trim
from tests import support


class SpansTest(unittest.TestCase):
    def test_spans_lie_in_the_text_and_all_kinds_occur(self) -> None:
        text = support.documents()[1].text
        self.assertAlmostEqual(sum(KINDS.values()), 1.0)
        within_word = 0
        for seed in range(400):
            start, end = choose_span(text, Random(seed))
            self.assertTrue(0 <= start <= end <= len(text))
            within_word += text[start - 1 : start + 1].isalnum() and start > 0
        self.assertGreater(within_word, 100)

    def test_each_kind_ends_where_its_name_says(self) -> None:
        text = "class A {\n  run() {\n    one();\n    two();\n  }\n}\n"
        line = line_at(text, text.index("run"))
        rest = span_of("rest of line", text, line, 0, Random(1))
        self.assertEqual(rest[1], text.index("\n    one"))
        block = span_of("block", text, line, 0, Random(1))
        self.assertEqual(text[slice(*block)], "one();\n    two();")
        self.assertIsNone(span_of("block", text, line_at(text, text.index("two")), 0, Random(1)))
        nothing = span_of("nothing", text, line, 0, Random(1))
        self.assertEqual(text[slice(*nothing)], "")


class UnitsTest(unittest.TestCase):
    def unit(self, seed: int, mix: Mix, room: int = 400):
        documents = support.documents()
        piece = documents[1].text[:700]
        return piece, fim_unit(support.codec(), piece, documents[1], documents, Random(seed), room, mix)

    def test_units_are_in_spm_order_and_fit(self) -> None:
        codec, seen = support.codec(), 0
        for seed in range(60):
            piece, unit = self.unit(seed, Mix(context=0.0), 300)
            if unit is None:
                continue
            seen += 1
            self.assertLessEqual(len(unit.ids), 300)
            self.assertEqual(len(unit.ids), len(unit.kinds))
            self.assertEqual(unit.ids[:2], [codec.prefix, codec.suffix])
            self.assertEqual(unit.ids.count(codec.middle), 1)
            self.assertEqual((unit.ids[-1], unit.kinds[-1]), (codec.end, END))
            # What stands behind the middle token reads on as in the document.
            behind = codec.decode(unit.ids[unit.ids.index(codec.middle) + 1 : -1])
            self.assertIn(behind, piece)
            middle = [token for token, kind in zip(unit.ids, unit.kinds) if kind == MIDDLE]
            self.assertTrue(behind.endswith(codec.decode(middle)))
        self.assertGreater(seen, 30)

    def test_a_healed_middle_begins_with_the_word_before_the_caret(self) -> None:
        codec = support.codec()
        self.assertEqual(last_word(codec, "  return scaled"), " scaled")
        self.assertEqual(last_word(codec, ""), "")
        begins = []
        for healed in (0.0, 1.0):
            within_word = 0
            for seed in range(80):
                _, unit = self.unit(seed, Mix(context=0.0, healed=healed))
                if unit is None:
                    continue
                start = next(place for place, kind in enumerate(unit.kinds) if kind in (MIDDLE, END))
                before, after = (codec.decode([unit.ids[place]]) for place in (start - 1, start))
                within_word += before[-1:].isalnum() and after[:1].isalnum()
            begins.append(within_word)
        self.assertGreater(begins[0], 25)
        self.assertLess(begins[1], 5)

    def test_context_names_the_imported_file_and_its_text(self) -> None:
        codec, found = support.codec(), 0
        for seed in range(40):
            _, unit = self.unit(seed, Mix(context=1.0))
            if unit is None or unit.ids[0] == codec.prefix:
                continue
            found += 1
            head = codec.decode(unit.ids[: unit.ids.index(codec.prefix)])
            self.assertIn("<|file_sep|>src/shapes0.ts\n", head)
            self.assertTrue(head.endswith("<|file_sep|>src/canvas0.ts\n"))
        self.assertGreater(found, 20)

    def test_trim_gives_each_side_what_the_other_leaves(self) -> None:
        far = list(range(100))
        self.assertEqual([len(side) for side in trim(far, far, 40)], [30, 10])
        self.assertEqual(trim(far, [1, 2], 40), (far[-38:], [1, 2]))
        self.assertEqual([len(side) for side in trim([1, 2], far, 40)], [2, 38])
        self.assertEqual(trim(far, far, 0), ([], []))


class StreamTest(unittest.TestCase):
    options = StreamOptions(seed=3, context=128, mix=Mix(), weights={})

    def take(self, count: int, first: int = 0, positions=None, worker: int = 0, workers: int = 1):
        positions = positions or [Position() for _ in range(LANES)]
        stream = Stream(support.documents(), support.codec(), self.options, 2, first, positions)
        batches = stream.batches(worker, workers)
        return [next(batches) for _ in range(count)]

    def test_rows_are_full_and_kinds_are_known(self) -> None:
        for ids, kinds, _, _ in self.take(12):
            self.assertEqual(ids.shape, (2, 129))
            self.assertLessEqual(set(kinds.flatten().tolist()), {PAD, TEXT, MIDDLE, END})
            self.assertLess((kinds == PAD).mean(), 0.2)

    def test_a_stream_goes_on_where_its_positions_say(self) -> None:
        whole, positions = self.take(40), [Position() for _ in range(LANES)]
        for _, _, lane, at in whole[:17]:
            positions[lane] = at
        rest = self.take(23, 17, positions)
        for (a, b, *_), (c, d, *_) in zip(whole[17:], rest):
            self.assertTrue((a == c).all() and (b == d).all())

    def test_an_epoch_of_plain_text_is_every_document_once(self) -> None:
        documents, codec = support.documents(), support.codec()
        # One character a token at most, so that every piece fits into what is left of its row.
        options = StreamOptions(3, 512, Mix(plain=1.0), {}, characters_per_token=0.6)
        stream = Stream(documents, codec, options, 1, 0, [Position() for _ in range(LANES)])
        texts: list[str] = []
        for lane in stream.lanes:
            ids: list[int] = []
            while lane.position.epoch == 0:
                row_ids, kinds = lane.row()
                ids += [token for token, kind in zip(row_ids, kinds) if kind != PAD]
            pieces = codec.decode(ids).split("<|endoftext|>")
            texts += pieces[: sum(number % LANES == lane.index for number in range(len(documents)))]
        self.assertEqual(sorted(texts), sorted(document.text for document in documents))

    def test_workers_make_the_same_batches(self) -> None:
        whole = self.take(16)
        for workers in (2, 4, 8):
            for worker in range(workers):
                mine = self.take(16 // workers, worker=worker, workers=workers)
                for number, (ids, *_) in enumerate(mine):
                    self.assertTrue((ids == whole[worker + number * workers][0]).all())

    def test_a_language_of_weight_nought_does_not_occur(self) -> None:
        documents = [*support.documents(), Document("p", "x.py", "py", "PYTHON_ONLY = 1\n" * 200)]
        options = StreamOptions(seed=3, context=128, mix=Mix(), weights={"py": 0.0})
        stream = Stream(documents, support.codec(), options, 2, 0, [Position() for _ in range(LANES)])
        batches = stream.batches()
        text = "".join(support.codec().decode(row.tolist()) for _ in range(40) for row in next(batches)[0])
        self.assertNotIn("PYTHON_ONLY", text)

"""From folders of packages to splits."""

import tempfile
import unittest
from pathlib import Path

from recipe.corpus import balance, build_corpus, describe, sizes_by_language
from recipe.documents import Document, read_documents, write_documents, write_files
from recipe.packages import Package

UTIL = "export function {0}One(value: number): number {{\n  const {0}Sum = value + {1};\n  return {0}Sum;\n}}\n"


def text(name: str) -> str:
    return "".join(UTIL.format(f"{name}{number}", number) for number in range(12))


def package(name: str, split: str) -> Package:
    return Package("npm", name, "1.0.0", "MIT", "ts", split)


class CorpusTest(unittest.TestCase):
    def build(self, files: dict[str, dict[str, str]], packages: list[Package]) -> dict[str, list[Document]]:
        with tempfile.TemporaryDirectory() as root:
            for name, content in files.items():
                for path, body in content.items():
                    target = Path(root, name, "package", path)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(body)
            return build_corpus(packages, lambda p: Path(root, p.name), lambda _: None)

    def test_what_a_test_package_has_is_kept_out_of_training(self) -> None:
        shared = text("shared")
        splits = self.build(
            {
                "a": {"src/own.ts": text("own"), "src/copy.ts": shared + "// a copy\n"},
                "b": {"src/index.ts": "import { own } from './shared';\n" + text("b"), "src/shared.ts": shared},
            },
            [package("a", "train"), package("b", "test")],
        )
        self.assertEqual([d.path for d in splits["train"]], ["src/own.ts"])
        self.assertEqual(sorted(d.path for d in splits["test"]), ["src/index.ts", "src/shared.ts"])
        index = next(d for d in splits["test"] if d.path == "src/index.ts")
        self.assertEqual([splits["test"][number].path for number in index.imports], ["src/shared.ts"])

    def test_lines_that_training_has_too_are_counted(self) -> None:
        common = "export const theSameEverywhere = 42;\n"
        splits = self.build(
            {"a": {"a.ts": common + text("own")}, "b": {"b.ts": common + text("other")}},
            [package("a", "train"), package("b", "test")],
        )
        self.assertEqual(splits["test"][0].seen, [0])
        share = describe(splits)["contamination"]["test"]["all"]
        self.assertTrue(0 < share < 0.05, share)

    def test_files_with_a_licence_of_their_own_are_left_out(self) -> None:
        copyright_file = (
            "Files: *\nLicense: Expat\n\nFiles: src/detail/own.h\nLicense: CC-BY-SA-4.0\n"
            "\nFiles: src/detail/bsd.h\nLicense: BSD-3-clause\n"
        )
        debian = Package("debian", "liba-dev", "1.0-1", "MIT", "cpp", "train")
        with tempfile.TemporaryDirectory() as root:
            folder = Path(root, "usr/include/a/detail")
            folder.mkdir(parents=True)
            for name in ("own", "bsd", "other"):
                (folder / f"{name}.h").write_text(text(name))
            documents = Path(root, "usr/share/doc/liba-dev")
            documents.mkdir(parents=True)
            (documents / "copyright").write_text(copyright_file)
            splits = build_corpus([debian], lambda _: Path(root), lambda _: None)
        self.assertEqual(sorted(d.path for d in splits["train"]), ["a/detail/bsd.h", "a/detail/other.h"])

    def test_typescript_and_javascript_keep_their_share(self) -> None:
        documents = [Document("p", f"{n}.ts", "ts", "a" * 600) for n in range(100)]
        documents += [Document("p", f"{n}.py", "py", "b" * 1000) for n in range(200)]
        documents += [Document("p", f"{n}.md", "md", "c" * 100) for n in range(500)]
        sizes = sizes_by_language(balance(documents))
        self.assertEqual(sizes["ts"], 60_000)
        self.assertLessEqual(sum(sizes.values()), 100_000)
        self.assertGreater(sum(sizes.values()), 97_000)
        self.assertLessEqual(sizes["md"], 3_000)

    def test_documents_come_back_as_they_were_written(self) -> None:
        documents = [Document("p", "a.ts", "ts", "é\n", [1], []), Document("p", "b.ts", "ts", "\u2028", [], [0])]
        with tempfile.TemporaryDirectory() as name:
            write_documents(Path(name, "test.xz"), documents)
            self.assertEqual(read_documents(Path(name, "test.xz")), documents)
            write_files(Path(name), [Document("@a/b", "src/c.ts", "ts", "d\n")])
            self.assertEqual(Path(name, "a-b/src/c.ts").read_text(), "d\n")

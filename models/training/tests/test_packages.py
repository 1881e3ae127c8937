"""The list and the check of licences."""

import unittest
from pathlib import Path

from recipe.packages import (
    LicenceRefused,
    Package,
    check_debian_licence,
    check_npm_licence,
    is_allowed,
    read_packages,
    refused_files,
    refused_globs,
)

LIST = Path(__file__).resolve().parents[1] / "packages.tsv"
MACHINE_READABLE = """\
Format: copyright-format/1.0
Upstream-Name: example

Files: *
Copyright: 2020 Somebody
 2021 Somebody else
License: {licence}

Files: debian/*
Copyright: 2022 A maintainer
License: GPL-2+
"""


def package(licence: str, ecosystem: str = "npm") -> Package:
    return Package(ecosystem, "example", "1.0.0", licence, "ts", "train")


class ListTest(unittest.TestCase):
    def test_list_names_each_package_once_with_an_allowed_licence(self) -> None:
        packages = read_packages(LIST)
        self.assertGreater(len(packages), 100)
        tested = {p.name for p in packages if p.split == "test"}
        self.assertLessEqual({"hono", "luxon", "xstate"}, tested)
        self.assertGreaterEqual(len({p.language for p in packages if p.split == "test"}), 6)

    def test_file_names_of_packages_are_plain(self) -> None:
        for p in read_packages(LIST):
            self.assertRegex(p.key, r"^[\w.+%-]+$")


class LicenceTest(unittest.TestCase):
    def test_expressions(self) -> None:
        for expression in ("MIT", "(MIT OR GPL-3.0)", "MIT AND ISC", "Apache-2.0 OR MIT", "0BSD", "((MIT))"):
            self.assertTrue(is_allowed(expression), expression)
        for expression in (
            "GPL-3.0",
            "MIT AND GPL-2.0",
            "UNLICENSED",
            "",
            "SEE LICENSE IN x",
            "(MIT OR GPL-2.0) AND LGPL-3.0",
        ):
            self.assertFalse(is_allowed(expression), expression)

    def test_npm_package_with_another_licence_than_listed_is_refused(self) -> None:
        check_npm_licence(package("MIT"), {"license": "MIT"})
        check_npm_licence(package("MIT"), {"license": {"type": "MIT"}})
        for declared in ("GPL-3.0", "ISC", None, ["MIT"], "UNLICENSED"):
            with self.assertRaises(LicenceRefused):
                check_npm_licence(package("MIT"), {"license": declared})

    def test_debian_licence_is_that_of_the_files_as_a_whole(self) -> None:
        check_debian_licence(package("MIT", "debian"), MACHINE_READABLE.format(licence="Expat"))
        check_debian_licence(package("MIT", "debian"), MACHINE_READABLE.format(licence="MIT or Apache-2.0"))
        for licence in ("GPL-3+", "LGPL-2.1", "Expat and GPL-2", "Apache-2.0"):
            with self.assertRaises(LicenceRefused, msg=licence):
                check_debian_licence(package("MIT", "debian"), MACHINE_READABLE.format(licence=licence))

    def test_a_packagers_own_name_counts_by_the_words_of_its_text(self) -> None:
        bsd = "\nLicense: Go\n Redistribution and use in source and binary\n forms, with or without\n"
        text = MACHINE_READABLE.format(licence="Go")
        check_debian_licence(package("BSD-3-Clause", "debian"), text + bsd)
        for other in (text, text + "\nLicense: Go\n GPL, see the file.\n"):
            with self.assertRaises(LicenceRefused):
                check_debian_licence(package("BSD-3-Clause", "debian"), other)

    def test_other_debian_copyright_files_must_hold_the_licences_words(self) -> None:
        mit = "This is free.\nPermission is hereby granted, free of\ncharge, to any person"
        check_debian_licence(package("MIT", "debian"), mit)
        with self.assertRaises(LicenceRefused):
            check_debian_licence(package("BSD-3-Clause", "debian"), mit)


class FilesTest(unittest.TestCase):
    def test_globs_are_those_of_stanzas_whose_licence_is_not_allowed(self) -> None:
        text = MACHINE_READABLE.format(licence="Expat") + (
            "\nFiles: src/a.h src/b/*\n src/c.*\nCopyright: A\nLicense: CC-BY-SA-4.0\n"
            "\nFiles: src/d.h\nCopyright: A\nLicense: Apache-2.0 or GPL-2+\n"
            "\nFiles: src/e.h\nFiles: src/f.h\nCopyright: A\nLicense: Expat and GPL-3+\n"
            "\nFiles: src/g.h\nCopyright: A\nLicense:\n Do as you please.\n"
            "\nFiles: src/h.h\nCopyright: A\n"
            "\nLicense: GPL-3+\n See the file.\n"
        )
        wanted = ["debian/*", "src/a.h", "src/b/*", "src/c.*", "src/e.h", "src/f.h", "src/g.h", "src/h.h"]
        self.assertEqual(refused_globs(package("MIT", "debian"), text), wanted)
        self.assertEqual(refused_globs(package("MIT", "debian"), "Permission is hereby granted\n"), [])

    def test_globs_name_files_that_are_installed_elsewhere(self) -> None:
        for glob, wanted, others in (
            ("aten/src/ATen/detail/FunctionTraits.h", ["ATen/detail/FunctionTraits.h"], ["ATen/FunctionTraits.h"]),
            ("src/styles/kimbie.*", ["hljs/styles/kimbie.dark.css", "styles/kimbie.light.css"], ["styles/a.css"]),
            ("Lib/turtle.py", ["python3.11/turtle.py"], ["python3.11/turtle/a.py", "python3.11/my_turtle.py"]),
            ("Lib/async*", ["python3.11/asyncio/a.py", "python3.11/asynchat.py"], ["python3.11/ast.py"]),
            ("docs/", ["a/docs/b/c.md"], ["a/mydocs/b.md"]),
            ("README.md", ["README.md", "a/README.md"], ["a/README.md.js"]),
            ("l10n/*/a?.properties", ["l10n/de/at/ab.properties"], ["a.properties"]),
            ("src/a/*.py", ["x/src/a/b/c.py"], ["b/c.py", "a.py"]),
            ("src/\\*.h", ["src/*.h"], ["src/a.h"]),
            ("*", ["a", "b/c"], []),
            ("m4/a.m4", [], ["b.m4"]),
        ):
            with self.subTest(glob):
                self.assertEqual(refused_files([glob], [*others, *wanted]), set(wanted))

    def test_of_files_by_one_name_the_one_in_the_folder_that_is_named_is_meant(self) -> None:
        paths = ["c10/util/hash.h", "torch/core/hash.h"]
        self.assertEqual(refused_files(["c10/util/hash.h"], paths), {paths[0]})
        self.assertEqual(refused_files(["src/other/hash.h"], paths), set(paths))

"""Licence headers go wherever they stand near the top, and no code goes with them."""

import random
import unittest

from recipe.headers import LEXERS, NEAR_TOP, strip_headers
from recipe.languages import LANGUAGES

# Headers, and code that no header is to be looked for in. Strings hold what would be one outside of them.
SLASHES = [
    "/*\n * Copyright (c) A\n */",
    "// Copyright A\n//\n// Licensed under the MIT license.",
    "/* SPDX-License-Identifier: MIT */",
]
MARKUP = ["<!-- Copyright A -->", "<!--\n  Licensed under MIT\n-->"]
SCRIPT = [
    "'use strict';",
    "/* eslint-disable */",
    "// @flow",
    "import { a } from 'b';",
    'const url = "a://b/*"; // (c) A',
    "const banner = `\n/* Copyright (c) A */\n// All rights reserved\n`;",
    "const licence = 'it\\'s // Copyright';",
]
HEADERS = {
    "py": ["# Copyright 2020 A\n# All rights reserved.", "#\n# SPDX-License-Identifier: MIT\n#"],
    "html": MARKUP,
    "md": MARKUP,
} | dict.fromkeys(("ts", "dts", "js", "go", "rust", "java", "cpp", "css", "json"), SLASHES)
CODE = {
    "ts": SCRIPT,
    "dts": SCRIPT,
    "js": SCRIPT,
    "py": [
        "# -*- coding: utf-8 -*-",
        "import os",
        "__copyright__ = '''\n# Copyright (c) A\n'''",
        'TEXT = """\n# Licensed under "MIT"\n"""',
        "size = 1  # Copyright A",
        "def f():\n    '''Copyright A'''",
    ],
    "go": [
        "//go:build linux",
        "// +build linux",
        "package a",
        "var b = `\\\n// Copyright\n`",
        'const c = "/* Copyright"',
    ],
    "rust": [
        "#![no_std]",
        'let a = "\n// Copyright\n";',
        'let b = r#"\n/* Copyright "A" */"#;',
        "fn c<'a>(d: &'a str) {}",
    ],
    "java": ["package a;", 'String b = """\n  // Copyright\n  """;', "char c = '\"';"],
    "cpp": [
        "#pragma once",
        "#include <a.h>",
        'auto a = R"x(\n// Copyright )"\n)x";',
        "int b = 1'000'000;",
        "#error don't",
    ],
    "css": ["@import 'a';", "a { content: '/* Copyright */'; }"],
    "json": ['{ "license": "MIT" }', '"// Copyright"'],
    "html": [
        "<p>Copyright</p>",
        "<script>\n<!-- Copyright\nrun();\n// -->\n</script>",
        "<!--[if IE]>licence<![endif]-->",
    ],
    "md": ["# License", "```html\n<!-- Copyright -->\n```", "Copyright A"],
}


def without_blank_lines(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if line)


class HeadersTest(unittest.TestCase):
    def test_headers_anywhere_near_the_top_go_and_all_else_stays(self) -> None:
        self.assertEqual(set(LEXERS), set(LANGUAGES))
        for language in LANGUAGES:
            for seed in range(200):
                rng = random.Random(seed)
                code = [rng.choice(CODE[language]) for _ in range(rng.randrange(1, 9))]
                parts = list(code)
                for _ in range(rng.randrange(1, 4)):
                    parts.insert(rng.randrange(len(parts) + 1), rng.choice(HEADERS[language]))
                # A blank line between, since line comments in a row are one comment.
                stripped = strip_headers("\n\n".join(parts) + "\n", language)
                self.assertEqual(
                    without_blank_lines(stripped), without_blank_lines("\n\n".join(code)), f"{language}, seed {seed}"
                )

    def test_a_header_behind_imports_leaves_one_blank_line(self) -> None:
        header = "/*-----\n *  Copyright (c) A. All rights reserved.\n *-----*/\n"
        self.assertEqual(strip_headers(f"import a;\n\n{header}\nclass B {{}}\n", "js"), "import a;\n\nclass B {}\n")
        self.assertEqual(strip_headers(f"import a;\n{header}class B {{}}\n", "js"), "import a;\nclass B {}\n")

    def test_code_behind_a_header_on_its_line_stays(self) -> None:
        self.assertEqual(strip_headers("/*! (c) A */ run();\n", "js"), "run();\n")

    def test_directives_stay_though_they_stand_in_a_row_with_a_header(self) -> None:
        for language, directive, header in (
            ("py", "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n", "# Copyright A\n"),
            ("go", "//go:build linux\n", "// Copyright A\n"),
            ("ts", '/// <reference path="a.d.ts" />\n', "// Copyright A\n"),
        ):
            self.assertEqual(strip_headers(directive + header + "code\n", language), directive + "code\n")
            self.assertEqual(strip_headers(header + directive + "code\n", language), directive + "code\n")

    def test_a_module_docstring_that_speaks_of_the_licence_goes(self) -> None:
        docstrings = ('"""A.\n\n:copyright: B\n"""', "r'''Licence: \\MIT'''", "'Copyright A'", '"""(c) A \\""" """')
        for docstring in docstrings:
            for head in ("", "# -*- coding: utf-8 -*-\n\n", "#!/usr/bin/python\n# A.\n"):
                text = f"{head}{docstring}\nimport os\n"
                self.assertEqual(strip_headers(text, "py"), f"{head}import os\n", text)

    def test_strings_that_are_no_module_docstring_stay(self) -> None:
        for text in (
            '"""Adds."""\nimport os\n',
            '"""Copyright A""".strip()\n',
            '"""Copyright A""" "B"\n',
            'import os\n"""Copyright A"""\n',
            'f"""Copyright {a}"""\n',
            '__doc__ = """Copyright A"""\n',
        ):
            self.assertEqual(strip_headers(text, "py"), text)

    def test_comments_stay_that_are_no_header(self) -> None:
        for text in ("// Adds (a), (b) and (c) up.\n", "/** A point (c, d) of f(c). */\n", "// Runs.\n\ncode\n"):
            self.assertEqual(strip_headers(text, "ts"), text)

    def test_a_header_further_down_stays_however_long_those_before_it_are(self) -> None:
        header = "/*\n" + " * Licence.\n" * 100 + " */\n"
        for lines in (NEAR_TOP - 1, NEAR_TOP):
            code = "a();\n" * lines
            kept = header if lines == NEAR_TOP else ""
            self.assertEqual(strip_headers(header + code + header, "js"), code + kept)


if __name__ == "__main__":
    unittest.main()

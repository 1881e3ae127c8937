"""Which files are source, and in which language."""

from __future__ import annotations

EXTENSIONS = {
    ".d.ts": "dts", ".d.mts": "dts", ".d.cts": "dts",
    ".ts": "ts", ".tsx": "ts", ".mts": "ts", ".cts": "ts",
    ".js": "js", ".jsx": "js", ".mjs": "js", ".cjs": "js",
    ".py": "py", ".go": "go", ".rs": "rust", ".java": "java",
    ".c": "cpp", ".h": "cpp", ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".hh": "cpp", ".hpp": "cpp",
    ".css": "css", ".scss": "css", ".less": "css",
    ".html": "html", ".json": "json", ".md": "md",
}  # fmt: skip

LANGUAGES = tuple(dict.fromkeys(EXTENSIONS.values()))
TYPESCRIPT_AND_JAVASCRIPT = ("ts", "dts", "js")
CODE = ("ts", "dts", "js", "py", "go", "rust", "java", "cpp")

# Data and prose come with every package and would crowd out code: at most this share of all bytes each.
MOST = {"dts": 0.08, "css": 0.03, "html": 0.02, "json": 0.02, "md": 0.03}

# TypeScript and JavaScript make up at least this share of the training bytes.
LEAST_TYPESCRIPT_AND_JAVASCRIPT = 0.6


def language_of(path: str) -> str | None:
    """The language by the end of a file's name, None for what is no source."""
    name = path.rsplit("/", 1)[-1].lower()
    parts = name.split(".")
    for count in (2, 1):
        if any(parts[:-count]) and (found := EXTENSIONS.get("." + ".".join(parts[-count:]))):
            return found
    return None

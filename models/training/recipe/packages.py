"""The committed list of source packages, and the check of their licences."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

ECOSYSTEMS = ("npm", "debian")
SPLITS = ("train", "validation", "test")

ALLOWED_LICENCES = frozenset({"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD", "ISC", "0BSD", "PSF-2.0"})

DEBIAN_SPELLINGS = {
    "expat": "MIT",
    "mit": "MIT",
    "mit/x11": "MIT",
    "apache-2": "Apache-2.0",
    "apache": "Apache-2.0",
    "apache-2.0": "Apache-2.0",
    "bsd": "BSD",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "bsd-2": "BSD-2-Clause",
    "bsd-3": "BSD-3-Clause",
    "bsd-3-clause-google": "BSD-3-Clause",
    "isc": "ISC",
    "0bsd": "0BSD",
    "psf": "PSF-2.0",
    "psf-2": "PSF-2.0",
    "psf-2.0": "PSF-2.0",
    "python": "PSF-2.0",
}


class LicenceRefused(Exception):
    """A package declares a licence that is not in `ALLOWED_LICENCES`, or another one than the list says."""


@dataclass(frozen=True)
class Package:
    """One line of packages.tsv."""

    ecosystem: str
    name: str
    version: str
    licence: str
    language: str
    split: str

    @property
    def key(self) -> str:
        """Unique, and usable as a file name: `@scope/name` becomes `scope-name`, an epoch's colon `%3a`."""
        name = self.name.lstrip("@").replace("/", "-")
        return f"{self.ecosystem}-{name}-{self.version}".replace(":", "%3a").replace("~", "%7e")


def read_packages(path: Path) -> list[Package]:
    """Reads a tab-separated list with a header; lines that begin with `#` are comments."""
    with path.open(encoding="utf8", newline="") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        packages = [Package(**row) for row in rows]
    seen: set[tuple[str, str]] = set()
    for package in packages:
        if package.ecosystem not in ECOSYSTEMS or package.split not in SPLITS:
            raise ValueError(f"{path}: {package.name}: unknown ecosystem or split")
        if (package.ecosystem, package.name) in seen:
            raise ValueError(f"{path}: {package.name} is listed twice")
        if not is_allowed(package.licence):
            raise LicenceRefused(f"{path}: {package.name}: {package.licence} is not an allowed licence")
        seen.add((package.ecosystem, package.name))
    return packages


def is_allowed(expression: str) -> bool:
    """Whether an SPDX expression can be met with allowed licences alone (`AND` binds tighter than `OR`)."""
    flat = expression.strip()
    while flat.startswith("(") and flat.endswith(")"):
        flat = flat[1:-1].strip()
    if "(" in flat:  # nested groups are rare: every licence named must then be allowed
        names = re.split(r"[()\s]+|\bAND\b|\bOR\b", flat)
        return all(name in ALLOWED_LICENCES for name in names if name)
    choices = [re.split(r"\s+AND\s+", choice) for choice in re.split(r"\s+OR\s+", flat)]
    return any(all(name.strip() in ALLOWED_LICENCES for name in choice) for choice in choices)


def check_npm_licence(package: Package, manifest: dict[str, object]) -> None:
    """Compares the list with the `license` field of the package's own package.json."""
    declared = manifest.get("license")
    if isinstance(declared, dict):
        declared = declared.get("type")
    if not isinstance(declared, str) or not is_allowed(declared):
        raise LicenceRefused(f"{package.name}: declares {declared!r}, which is not an allowed licence")
    if declared.strip("()") != package.licence:
        raise LicenceRefused(f"{package.name}: declares {declared}, the list says {package.licence}")


# A phrase of each licence's text, for copyright files that are not machine-readable.
PHRASES = {
    "MIT": "Permission is hereby granted, free of charge",
    "Apache-2.0": "Apache License",
    "BSD": "Redistribution and use in source and binary forms",
    "ISC": "Permission to use, copy, modify, and",
    "0BSD": "Permission to use, copy, modify, and",
    "PSF-2.0": "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2",
}


def debian_licence(name: str, wanted: str, copyright_text: str) -> str:
    """Debian's short name as SPDX's. One of a packager's own making is the listed licence if its text says so."""
    known = DEBIAN_SPELLINGS.get(name.lower())
    if known is not None or is_allowed(name):
        return known or name
    own = re.search(rf"^License:[ \t]*{re.escape(name)}[ \t]*\n((?:[ \t].*\n?)+)", copyright_text, re.MULTILINE)
    is_wanted = own is not None and " OR " not in wanted and phrase_of(wanted) in " ".join(own[1].split())
    return wanted if is_wanted else name


def phrase_of(licence: str) -> str:
    return PHRASES["BSD" if licence.startswith("BSD") else licence]


def debian_expression(stated: str, wanted: str, copyright_text: str) -> str:
    """What a stanza states, in SPDX's names."""
    names = re.split(r"\s+(?:or|and|OR|AND)\s+|[,|]\s*", stated.strip())
    known = [debian_licence(name.strip(), wanted, copyright_text) for name in names]
    return (" OR " if re.search(r"\bor\b", stated, re.I) else " AND ").join(known)


def check_debian_licence(package: Package, copyright_text: str) -> None:
    """Compares the list with Debian's copyright file.

    Machine-readable files (DEP-5): the stanza `Files: *` counts; the files of other stanzas may be left out
    (`refused_files`). Others must hold the licence's own words.
    """
    wanted = package.licence
    spelling = re.search(r"^Files:\s*\*\s*\n(?:.*\n)*?License:[ \t]*(.+)$", copyright_text, re.MULTILINE)
    if spelling is not None:
        expression = debian_expression(spelling[1], wanted, copyright_text)
        if not is_allowed(expression):
            raise LicenceRefused(f"{package.name}: Debian says {spelling[1]!r}, which is not allowed")
        if set(re.split(r" (?:OR|AND) ", expression)).isdisjoint(re.split(r" (?:OR|AND) ", wanted)):
            raise LicenceRefused(f"{package.name}: Debian says {spelling[1]!r}, the list says {wanted}")
        return
    if phrase_of(re.split(r" (?:OR|AND) ", wanted)[0]) not in " ".join(copyright_text.split()):
        raise LicenceRefused(f"{package.name}: its copyright file does not hold the words of {wanted}")


def refused_globs(package: Package, copyright_text: str) -> list[str]:
    """Of a machine-readable copyright file: which files have a licence of their own that is not an allowed one."""
    globs: list[str] = []
    for stanza in re.split(r"\n[ \t]*\n", copyright_text):
        files = re.findall(r"^Files:[ \t]*(.*(?:\n[ \t].*)*)", stanza, re.MULTILINE)
        licence = re.search(r"^License:[ \t]*(\S.*)", stanza, re.MULTILINE)
        if licence is None or not is_allowed(debian_expression(licence[1], package.licence, copyright_text)):
            globs += " ".join(files).split()
    return globs


def refused_files(globs: list[str], paths: list[str]) -> set[str]:
    """The paths of a package that such globs are about.

    Globs name files of the source package, which are installed under other folders: of each the longest tail counts
    that fits any path, and it may begin at any folder. Too many files are left out rather than too few.
    """
    refused = set[str]()
    for glob in globs:
        fits = (set(filter(pattern_of(tail).fullmatch, paths)) for tail in tails(glob))
        refused |= next(filter(None, fits), set())
    return refused


def tails(glob: str) -> list[str]:
    """A glob without its first folders, the longest first. None begins with a wildcard, but for the glob itself."""
    parts = f"{glob}*".split("/") if glob.endswith("/") else glob.split("/")
    found = ["/".join(parts[first:]) for first in range(len(parts))]
    return [tail for tail in found if tail is found[0] or tail[0] not in "*?"]


def pattern_of(glob: str) -> re.Pattern[str]:
    """DEP-5: `*` is any number of characters, slashes too, `?` is one, and a backslash takes that away from them."""
    parts = re.findall(r"\\.|.", glob)
    wild = {"*": ".*", "?": "."}
    return re.compile("(?:.*/)?" + "".join(wild.get(part) or re.escape(part[-1]) for part in parts))

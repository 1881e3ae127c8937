"""Fetches packages by name and version with their ecosystems' own clients, and unpacks them.

npm's packages come through `npm pack`, Debian's through `apt-get download` and `dpkg-deb -x`: no root, no install
scripts, and no address in any file, since the clients' own configuration says where packages come from.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

from recipe.packages import Package, check_debian_licence, check_npm_licence, refused_globs


class FetchFailed(Exception):
    """A package could not be downloaded or unpacked."""


def fetch(package: Package, store: Path) -> Path:
    """The folder of the unpacked package; downloads it if it is not there, and checks its licence each time."""
    folder = store / package.key
    if not folder.exists():
        partial = store / f"{package.key}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        (unpack_npm if package.ecosystem == "npm" else unpack_debian)(package, partial)
        partial.rename(folder)
    check_licence(package, folder)
    return folder


def unpack_npm(package: Package, folder: Path) -> None:
    wanted = f"{package.name}@{package.version}"
    run(["npm", "pack", wanted, "--silent", "--ignore-scripts", "--pack-destination", "."], folder, wanted)
    archive = only_file(folder, "*.tgz", wanted)
    with tarfile.open(archive) as tar:
        # The filter refuses links and names that lead out of the folder.
        (
            tar.extractall(folder, filter="data")
            if hasattr(tarfile, "data_filter")
            else tar.extractall(folder, members=[member for member in tar if is_inside(member)])
        )
    archive.unlink()


def unpack_debian(package: Package, folder: Path) -> None:
    download_debian(package.name, package.version, folder)
    documents = folder / "usr/share/doc" / package.name
    if documents.is_symlink():  # the copyright file is that of another package of the same source
        download_debian(documents.readlink().name, package.version, folder)


def download_debian(name: str, version: str, folder: Path) -> None:
    wanted = f"{name}={version}"
    # As root, apt would drop its rights first and then could not write here.
    run(["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", wanted], folder, wanted)
    archive = only_file(folder, "*.deb", wanted)
    run(["dpkg-deb", "-x", archive.name, "."], folder, wanted)
    archive.unlink()


def check_licence(package: Package, folder: Path) -> None:
    """Raises LicenceRefused unless the package itself declares the licence of the list."""
    if package.ecosystem == "npm":
        manifest = json.loads(manifest_path(folder).read_text(encoding="utf8"))
        check_npm_licence(package, manifest)
        return
    check_debian_licence(package, copyright_of(package, folder))


def refused_in(package: Package, folder: Path) -> list[str]:
    """Globs of the files that have a licence of their own, and not an allowed one. npm's packages do not tell."""
    return refused_globs(package, copyright_of(package, folder)) if package.ecosystem == "debian" else []


def copyright_of(package: Package, folder: Path) -> str:
    file = folder / "usr/share/doc" / package.name / "copyright"
    if not file.is_file():
        raise FetchFailed(f"{package.name} has no copyright file")
    return file.read_text(encoding="utf8", errors="replace")


def manifest_path(folder: Path) -> Path:
    """npm's archives hold one folder, which is mostly called `package`."""
    found = sorted(folder.glob("*/package.json"))
    if not found:
        raise FetchFailed(f"{folder} holds no package.json")
    return found[0]


def is_inside(member: tarfile.TarInfo) -> bool:
    parts = Path(member.name).parts
    return (member.isfile() or member.isdir()) and ".." not in parts and not Path(member.name).is_absolute()


def only_file(folder: Path, pattern: str, wanted: str) -> Path:
    found = list(folder.glob(pattern))
    if len(found) != 1:
        raise FetchFailed(f"{wanted}: {len(found)} archives were downloaded where one was expected")
    return found[0]


def run(command: list[str], folder: Path, wanted: str) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise FetchFailed(f"{wanted}: {command[0]} is not installed") from None
    if done.returncode != 0:
        reason = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no reason given"]
        raise FetchFailed(f"{wanted}: {command[0]} failed: {reason[0]}")

"""The surroundings: where working data lies, threads, memory, and the one Python package that Debian does not have."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

# Also names of their runs' folders. The presets themselves (`recipe/presets.py`) cannot be read before threads are set.
PRESET_NAMES = ("tiny", "cpu", "gpu30", "gpu60")
# What prepare.py leaves in the work folder and the other commands read.
PREPARED = ("train.xz", "validation.xz", "test.xz", "tokenizer.json", "data.json")

# Of malloc.h.
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4

TOKENIZERS = "tokenizers==0.23.2"
COPY = "python"


def default_work() -> Path:
    """A cache folder, since everything in it can be made again."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "slipstream-training"


def limit_threads(count: int) -> None:
    """Before torch is imported; 0 leaves everything as it is.

    Threads that wait by spinning would take the time of whatever else runs on a shared machine.
    """
    if count:
        os.environ.update(OMP_NUM_THREADS=str(count), OMP_WAIT_POLICY="passive")


def keep_freed_memory() -> None:
    """Lets glibc keep the memory of tensors that are freed, for the next ones of a step.

    By itself it gives that of large ones back, and the system has to clear each page anew.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_MMAP_MAX, 0)
        libc.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


def require_prepared(work: Path) -> None:
    """Raises FileNotFoundError where prepare.py did not run, or into another folder."""
    missing = [name for name in PREPARED if not (work / name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"{work} has no {' and no '.join(missing)}: run prepare.py first, or say with --work where it ran"
        )


def use_tokenizers(work: Path) -> bool:
    """Makes `tokenizers` importable where it is installed, or where the work folder has a copy of it."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    copy = work / COPY
    if copy.is_dir() and str(copy) not in sys.path:
        sys.path.append(str(copy))
        importlib.invalidate_caches()
    return importlib.util.find_spec("tokenizers") is not None


def ensure_tokenizers(work: Path) -> None:
    """Lets pip put a copy into the work folder where there is none yet; nothing of the system is changed."""
    if use_tokenizers(work):
        return
    # Without what it depends on: that is only for downloads from a model hub.
    options = ["--quiet", "--no-deps", "--disable-pip-version-check", "--target", str(work / COPY)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, TOKENIZERS], check=True)
    use_tokenizers(work)

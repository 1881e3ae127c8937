"""Where working data lies, and the one Python package that Debian does not have."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

TOKENIZERS = "tokenizers==0.23.2"


def default_work() -> Path:
    """A cache folder, since everything in it can be made again."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "slipstream-training"


def ensure_tokenizers(work: Path) -> None:
    """Makes `tokenizers` importable: the installed one, else a copy that pip puts into the work folder."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    target = work / "python"
    if target.is_dir():
        sys.path.append(str(target))
    if importlib.util.find_spec("tokenizers") is not None:
        return
    # Without what it depends on: that is only for downloads from a model hub.
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(target), TOKENIZERS]
    subprocess.run(command, check=True)
    sys.path.append(str(target))
    importlib.invalidate_caches()

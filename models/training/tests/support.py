"""A small corpus with imports, and a tokenizer of it, made once for all tests."""

from __future__ import annotations

import functools
import json
import tempfile
from pathlib import Path

from recipe.documents import Document
from recipe.folders import default_work, use_tokenizers
from recipe.tokenizer import Codec, train_tokenizer

SHAPES = """\
// Shapes that know their own size.
export interface Shape {NUMBER} {
  readonly name: string;
  area(): number;
}

export function scaleOf{NUMBER}(shape: Shape, factor: number): number {
  if (factor < 0) {
    throw new RangeError('a factor must not be negative');
  }
  const scaled = shape.area() * factor * factor;
  return scaled + {NUMBER};
}

"""

USE = """\
import { scaleOf{NUMBER} } from './shapes{NUMBER}.js';

export class Canvas{NUMBER} {
  private readonly sizes: number[] = [];

  add(shape: Shape): this {
    this.sizes.push(scaleOf{NUMBER}(shape, 2));
    return this;
  }

  total(): number {
    let sum = 0;
    for (const size of this.sizes) sum += size;
    return sum;
  }
}

"""


@functools.lru_cache(maxsize=1)
def documents() -> list[Document]:
    """Twelve files; every second imports the one before it. `é` checks that cuts are between characters."""
    out = []
    for number in range(6):
        shapes, use = (text.replace("{NUMBER}", str(number)) * 6 + "// é end\n" for text in (SHAPES, USE))
        out.append(Document("shapes", f"src/shapes{number}.ts", "ts", shapes))
        out.append(Document("shapes", f"src/canvas{number}.ts", "ts", use, imports=[2 * number]))
    return out


@functools.lru_cache(maxsize=1)
def tokenizer_path() -> Path:
    use_tokenizers(default_work())
    path = Path(tempfile.mkdtemp(prefix="slipstream-recipe-")) / "tokenizer.json"
    train_tokenizer(documents(), 400, path)
    return path


def other_tokenizer(folder: Path) -> Path:
    """One of the same size in which two tokens have each other's ids."""
    tokenizer = json.loads(tokenizer_path().read_text(encoding="utf8"))
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary["a"], vocabulary["b"] = vocabulary["b"], vocabulary["a"]
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(tokenizer), encoding="utf8")
    return path


@functools.lru_cache(maxsize=1)
def codec() -> Codec:
    return Codec.read(tokenizer_path())

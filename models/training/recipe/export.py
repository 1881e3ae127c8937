"""Model folders in Hugging Face's form: safetensors, config.json, tokenizer.json."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
from pathlib import Path

import numpy as np
import torch

from recipe.model import Llama, Shape
from recipe.tokenizer import Codec

# git keeps files of up to 50 MB each as they are.
LARGEST_FILE = 45_000_000


def export_model(model: Llama, tokenizer: Path, folder: Path) -> None:
    """Writes fp16 weights, in several files where one would be too large, and everything else a reader needs."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("model*.safetensors*"):
        old.unlink()
    tensors = {name: p.detach().cpu().half().contiguous().numpy() for name, p in model.named_parameters()}
    groups = split(tensors)
    if len(groups) == 1:
        write_safetensors(folder / "model.safetensors", groups[0])
    else:
        write_shards(folder, groups)
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    config = config_of(model.shape, Codec.read(tokenizer))
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf8")


def split(tensors: dict[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
    groups: list[dict[str, np.ndarray]] = [{}]
    for name, tensor in tensors.items():
        if groups[-1] and sum(t.nbytes for t in groups[-1].values()) + tensor.nbytes > LARGEST_FILE:
            groups.append({})
        groups[-1][name] = tensor
    return groups


def write_shards(folder: Path, groups: list[dict[str, np.ndarray]]) -> None:
    where = {}
    for number, group in enumerate(groups, 1):
        file = f"model-{number:05d}-of-{len(groups):05d}.safetensors"
        write_safetensors(folder / file, group)
        where |= dict.fromkeys(group, file)
    total = sum(tensor.nbytes for group in groups for tensor in group.values())
    index = {"metadata": {"total_size": total}, "weight_map": where}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf8")


def write_safetensors(path: Path, tensors: dict[str, np.ndarray]) -> None:
    """The format's whole definition: an 8-byte length, a JSON header padded to 8 bytes, the tensors' bytes."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [at, at + tensor.nbytes]}
        at += tensor.nbytes
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(head)) + head)
        for tensor in tensors.values():
            file.write(tensor.tobytes())


def read_safetensors(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a file of fp16 or fp32 weights, as fp32."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    out = {}
    for name, entry in header.items():
        first, last = (8 + length + offset for offset in entry["data_offsets"])
        dtype = {"F16": np.float16, "F32": np.float32}[entry["dtype"]]
        values = np.frombuffer(data[first:last], dtype=dtype).astype(np.float32)
        out[name] = torch.from_numpy(values.reshape(entry["shape"]))
    return out


def config_of(shape: Shape, codec: Codec) -> dict[str, object]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": shape.hidden,
        "intermediate_size": shape.feed_forward,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.context,
        "rms_norm_eps": shape.epsilon,
        "rope_theta": shape.theta,
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "attention_bias": False,
        "mlp_bias": False,
        "bos_token_id": codec.end,
        "eos_token_id": codec.end,
        "torch_dtype": "float16",
    }


def require_tokenizer(folder: Path, tokenizer: Path) -> None:
    """Raises ValueError where the model of a folder reads other token ids than those of a tokenizer.json."""
    if (folder / tokenizer.name).read_bytes() != tokenizer.read_bytes():
        raise ValueError(
            f"{folder} has another tokenizer than the work folder: take a model of this one, or make a work folder "
            f"with prepare.py --tokenizer {folder / tokenizer.name}"
        )


def weights_digest(folder: Path) -> str:
    """SHA-256 of what `read_model` reads of the weights."""
    digest = hashlib.sha256()
    for file in weight_files(folder):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def weight_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("model*.safetensors"))


def read_model(folder: Path) -> Llama:
    """A model that `export_model` wrote."""
    config = json.loads((folder / "config.json").read_text(encoding="utf8"))
    shape = Shape(
        hidden=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        kv_heads=config["num_key_value_heads"],
        feed_forward=config["intermediate_size"],
        vocabulary=config["vocab_size"],
        context=config["max_position_embeddings"],
        theta=config["rope_theta"],
        epsilon=config["rms_norm_eps"],
    )
    model = Llama(shape)
    weights: dict[str, torch.Tensor] = {}
    for file in weight_files(folder):
        weights |= read_safetensors(file)
    model.load_state_dict(weights)
    return model.eval()

"""Evaluates an exported energy with NumPy, from nothing but the file.

usage: weights.py WEIGHTS.safetensors POINTS.json  → JSON list of energies on standard output
"""

import json
import struct
import sys

import numpy as np


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        values = np.frombuffer(data[8 + length + start : 8 + length + end], dtype="<f4")
        tensors[name] = values.reshape(entry["shape"]).astype(np.float64)
    return json.loads(metadata["config"]), tensors


def energy(config, tensors, x):
    """E(x) = MLP(phi(x)) + |x|^2 / (2 c^2). x: [n, 2] -> [n]."""
    model = config["model"]
    assert model["id"] == "mlp" and model["activation"] == "silu"
    h = x
    if model["features"] == "fourier":
        angles = [np.pi / 4 * k * x for k in (1, 2, 4)]
        h = np.concatenate([x, *map(np.sin, angles), *map(np.cos, angles)], axis=1)
    layers = sum(name.endswith(".weight") for name in tensors)
    for k in range(layers):
        h = h @ tensors[f"layers.{k}.weight"].T + tensors[f"layers.{k}.bias"]
        if k + 1 < layers:
            h = h / (1 + np.exp(-h))
    c = model["confinement"]
    return h[:, 0] + ((x**2).sum(axis=1) / (2 * c**2) if c > 0 else 0)


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        points = np.array(json.load(file), dtype=np.float64).reshape(-1, 2)
    print(json.dumps(energy(*read(sys.argv[1]), points).tolist()))

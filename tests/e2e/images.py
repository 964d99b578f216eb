"""Evaluates an exported energy of images and its slope with NumPy, from nothing but the file.

usage: images.py WEIGHTS.safetensors IMAGES.f32  → JSON {energy: [n], slope: [n * 784]} on standard output
"""

import json
import sys

import numpy as np
from weights import read

SIDE = 28
STRIDE = 2


def padding(kernel):
    """The first convolution, 5 x 5, makes 16 x 16 of 28 x 28; the others, 3 x 3, halve."""
    return 4 if kernel == 5 else 1


def patches(x, kernel):
    """[n, c, h, w] -> windows [n, c, h', w', k, k] of the padded images."""
    margin = padding(kernel)
    padded = np.pad(x, ((0, 0), (0, 0), (margin, margin), (margin, margin)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
    return windows[:, :, ::STRIDE, ::STRIDE]


def scattered(slope, shape, kernel):
    """The adjoint of patches: adds windows [n, c, h', w', k, k] where they were taken from images of this shape."""
    margin = padding(kernel)
    n, c, h, w = shape
    padded = np.zeros((n, c, h + 2 * margin, w + 2 * margin))
    rows, columns = slope.shape[2:4]
    for u in range(kernel):
        for v in range(kernel):
            at = (slice(u, u + STRIDE * rows, STRIDE), slice(v, v + STRIDE * columns, STRIDE))
            padded[(slice(None), slice(None), *at)] += slope[..., u, v]
    return padded[:, :, margin : margin + h, margin : margin + w]


def silu(x):
    """SiLU and its derivative."""
    gate = 1 / (1 + np.exp(-x))
    return x * gate, gate * (1 + x * (1 - gate))


def energy_and_slope(config, tensors, images):
    model = config["model"]
    assert model["id"] in ("cnn", "joint-cnn") and model["activation"] == "silu"
    layers = sum(name.endswith(".weight") for name in tensors)
    h, back = images.reshape(-1, 1, SIDE, SIDE), []
    for k in range(layers):
        weight, bias = tensors[f"layers.{k}.weight"], tensors[f"layers.{k}.bias"]
        if weight.ndim == 4:
            size = weight.shape[2]
            x = h
            h = np.einsum("nchwuv,ocuv->nohw", patches(x, size), weight) + bias[None, :, None, None]
            back.append(
                lambda g, weight=weight, shape=x.shape, size=size: scattered(
                    np.einsum("nohw,ocuv->nchwuv", g, weight), shape, size
                )
            )
        else:
            shape = h.shape
            h = h.reshape(len(h), -1) @ weight.T + bias
            back.append(lambda g, weight=weight, shape=shape: (g @ weight).reshape(shape))
        if k + 1 < layers:
            h, derivative = silu(h)
            back.append(lambda g, derivative=derivative: g * derivative)
    if model["id"] == "cnn":
        energy, slope = h[:, 0], np.ones_like(h)
    else:
        # E(x) = -ln sum_y exp(h_y), whose slope is minus the softmax.
        highest = h.max(1, keepdims=True)
        shares = np.exp(h - highest)
        energy = -(highest[:, 0] + np.log(shares.sum(1)))
        slope = -shares / shares.sum(1, keepdims=True)
    for step in reversed(back):
        slope = step(slope)
    return energy, slope.reshape(len(images), -1)


if __name__ == "__main__":
    images = np.fromfile(sys.argv[2], dtype="<f4").astype(np.float64).reshape(-1, SIDE * SIDE)
    energy, slope = energy_and_slope(*read(sys.argv[1]), images)
    print(json.dumps({"energy": energy.tolist(), "slope": slope.ravel().tolist()}))

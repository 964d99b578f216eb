"""Writes measures.json: what ArviZ and scikit-learn say of stored chains and points.

    pip install arviz-stats==0.8.0 scikit-learn==1.9.1 scipy
    python make_measures.py
"""

import json

import numpy as np
from arviz_stats.base import array_stats
from scipy.special import ndtri
from sklearn.metrics.pairwise import euclidean_distances, rbf_kernel

rng = np.random.default_rng(20)


def autoregressive(chains, draws, rho, shift=0.0):
    x = np.zeros((chains, draws))
    x[:, 0] = rng.normal(size=chains)
    for t in range(1, draws):
        x[:, t] = rho * x[:, t - 1] + np.sqrt(1 - rho**2) * rng.normal(size=chains)
    return x + shift * np.arange(chains)[:, None]


def rounded(x):
    return np.round(x, 6).tolist()


cases = {
    "independent": autoregressive(4, 100, 0.0),
    "slow": autoregressive(4, 200, 0.9),
    "alternating": autoregressive(3, 101, -0.6),
    "apart": autoregressive(4, 80, 0.3, shift=1.0),
    "wide": autoregressive(4, 60, 0.0) * np.array([1, 1, 1, 4])[:, None],
    "ties": np.round(autoregressive(4, 50, 0.5)),
    "short": autoregressive(2, 5, 0.2),
}
out = {"chains": [], "points": [], "quantiles": []}
for name, x in cases.items():
    x = np.array(rounded(x))
    out["chains"].append(
        {
            "name": name,
            "draws": x.tolist(),
            "rHat": float(array_stats.rhat(x, chain_axis=0, draw_axis=1, method="rank")),
            "ess": float(array_stats.ess(x, chain_axis=0, draw_axis=1, method="bulk")),
        }
    )


def unbiased(kernel, a, b):
    """Mean over pairs of different points within a, within b, and across."""
    off = lambda k: (k.sum() - np.trace(k)) / (len(k) * (len(k) - 1))
    return off(kernel(a, a)), off(kernel(b, b)), kernel(a, b).mean()


def mmd(a, b):
    mean = lambda x, y: np.mean([rbf_kernel(x, y, gamma=1 / (2 * w * w)) for w in (0.25, 0.5, 1.0, 2.0)], axis=0)
    aa, bb, ab = unbiased(mean, a, b)
    return aa + bb - 2 * ab


def distance(a, b):
    aa, bb, ab = unbiased(euclidean_distances, a, b)
    return 2 * ab - aa - bb


for name, a, b in [
    ("equal", rng.normal(size=(60, 2)), rng.normal(size=(80, 2))),
    ("shifted", rng.normal(size=(50, 2)), rng.normal(size=(70, 2)) + [0.5, 0.0]),
    ("far", rng.normal(size=(40, 2)) - 3, rng.normal(size=(40, 2)) + 3),
]:
    a, b = np.array(rounded(a)), np.array(rounded(b))
    out["points"].append(
        {"name": name, "a": a.tolist(), "b": b.tolist(), "mmd": float(mmd(a, b)), "energyDistance": float(distance(a, b))}
    )
for p in [1e-300, 1e-12, 1e-5, 0.02, 0.0749, 0.075, 0.3, 0.5, 0.6, 0.925, 0.9251, 0.999, 1 - 1e-10]:
    out["quantiles"].append([p, float(ndtri(p))])
with open("measures.json", "w") as file:
    json.dump(out, file, separators=(",", ":"))
    file.write("\n")

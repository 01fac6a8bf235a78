"""Training steps side by side: every side in its own process, threads equal, ratios by pairs.

    python benchmarks/run.py [--dtype float32] [--rounds 5] [--threads 1] [--plot ratios.png]

A round runs our side and the peer one right after the other; the ratio is the median of the
rounds' ratios of medians. Below 1 we are faster.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

PAIRS = {
    "peepholes / eager": ("ours_peepholes", "torch_peepholes"),
    "augmented / eager": ("ours_augmented", "torch_augmented"),
    "plain / nn.LSTM": ("ours_plain", "torch_plain"),
    "peepholes / JAX": ("ours_peepholes", "jax_peepholes"),
    "plain / JAX": ("ours_plain", "jax_plain"),
    "plain / GEMM bound": ("ours_plain", "gemm_bound"),
    "derived / by hand": ("ours_derived", "ours_peepholes"),
}
HERE = Path(__file__).parent


def measure(side, size, dtype, options):
    environment = dict(os.environ)
    for name in ("OMP", "OPENBLAS", "MKL"):
        environment[f"{name}_NUM_THREADS"] = str(options.threads)
    environment["PYTHONPATH"] = str(HERE.parent)
    command = [
        sys.executable, str(HERE / "sides.py"), side, size, dtype,
        "--threads", str(options.threads), "--seconds", str(options.seconds),
        "--clock", options.clock,
    ]  # fmt: skip
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{side} {size} {dtype} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def compare(pair, size, dtype, options):
    rounds = [
        [measure(side, size, dtype, options) for side in PAIRS[pair]] for _ in range(options.rounds)
    ]
    ratios = [ours["median"] / peer["median"] for ours, peer in rounds]
    first, second = (float(np.median([r[k]["median"] for r in rounds])) * 1e3 for k in (0, 1))
    peaks = [np.median([r[k]["peak"] or np.nan for r in rounds]) / 2**20 for k in (0, 1)]
    ours, peer = rounds[0]
    assert ours["threads"] == peer["threads"] == options.threads
    print(
        f"{pair:20} {size} {dtype}  {first:9.2f} ms {second:9.2f} ms  "
        f"ratio {np.median(ratios):5.2f} ({min(ratios):.2f}-{max(ratios):.2f})  "
        f"peak {peaks[0]:6.1f} / {peaks[1]:6.1f} MiB = {peaks[0] / max(peaks[1], 0.1):.2f}",
        flush=True,
    )
    return float(np.median(ratios)), ours


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dtype", nargs="*", default=["float32", "float64"])
    parser.add_argument("--sizes", default="ABCDE")
    parser.add_argument("--pairs", nargs="*", default=list(PAIRS), choices=list(PAIRS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument(
        "--clock", choices=["cpu", "wall"], help="cpu time unless there are several threads"
    )
    parser.add_argument("--plot", help="where to write a plot of the ratios (needs Matplotlib)")
    options = parser.parse_args()
    options.clock = options.clock or ("cpu" if options.threads == 1 else "wall")
    about = measure("gemm_bound", "E", "float32", options)
    print(
        f"threads {options.threads} on both sides; NumPy {about['numpy']}, "
        f"OpenBLAS core {about['openblas']}; {options.rounds} rounds, {options.clock} time"
    )
    print("columns: ours, peer, ratio of medians (range over rounds), memory of one step")
    ratios = {}
    for dtype in options.dtype:
        for pair in options.pairs:
            for size in options.sizes:
                ratios[pair, dtype, size] = compare(pair, size, dtype, options)[0]
    if options.plot:
        plot(ratios, options)


def plot(ratios, options):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import LogLocator, NullFormatter

    fig, axes = plt.subplots(
        1,
        len(options.dtype),
        figsize=(6 * len(options.dtype), 4.2),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for ax, dtype in zip(axes[0], options.dtype, strict=True):
        for k, pair in enumerate(options.pairs):
            width = 0.85 / len(options.pairs)
            x = np.arange(len(options.sizes)) + width * (k - (len(options.pairs) - 1) / 2)
            heights = [ratios[pair, dtype, size] for size in options.sizes]
            ax.bar(x, heights, 0.9 * width, label=pair)
        ax.axhline(1, color="0.4", linewidth=1)
        ax.set(yscale="log", title=dtype, xlabel="size", xticks=np.arange(len(options.sizes)))
        ax.set_xticklabels(list(options.sizes))
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_formatter(NullFormatter())
    axes[0][0].set_ylabel("time of a training step, ours / peer")
    fig.suptitle(f"below 1 we are faster (threads: {options.threads})")
    fig.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    fig.savefig(options.plot, dpi=150)


if __name__ == "__main__":
    main()

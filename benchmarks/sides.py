"""One side of the benchmark in a process of its own: one size, one dtype, printed as JSON.

A training step is forward and backward with all gradients: parameters, inputs, start values.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import time
from pathlib import Path

import numpy as np

SIZES = {
    "A": (100, 32, 64, 128),
    "B": (100, 1, 64, 128),
    "C": (50, 64, 256, 512),
    "D": (200, 16, 16, 32),
    "E": (1000, 1, 1, 32),
}  # N, B, d_x, d_s


def data(size, dtype):
    N, B, d_x, d_s = SIZES[size]
    rng = np.random.default_rng(0)
    return rng.normal(size=(N, B, d_x)).astype(dtype), rng.normal(size=(N, B, d_s)).astype(dtype)


# ---- ours ----------------------------------------------------------------------------------


def ours(layer, x, dE_dv):
    def step():
        trace = layer.forward(x)
        return layer.backward(trace, dE_dv).params.flat

    return step


def ours_peepholes(size, dtype):
    from lstm_lib import VanillaLSTM

    x, dE_dv = data(size, dtype)
    return ours(VanillaLSTM(x.shape[2], dE_dv.shape[2], dtype=dtype), x, dE_dv)


def ours_plain(size, dtype):
    from lstm_lib import VanillaLSTM

    x, dE_dv = data(size, dtype)
    return ours(VanillaLSTM(x.shape[2], dE_dv.shape[2], None, dtype=dtype), x, dE_dv)


def ours_augmented(size, dtype):
    from lstm_lib import AugmentedLSTM

    x, dE_dv = data(size, dtype)
    d_s = dE_dv.shape[2]
    lags = dict.fromkeys(("cu", "cs", "cr", "du", "cx"), range(-1, 2))
    layer = AugmentedLSTM(x.shape[2], d_s, d_s // 2, lags, dtype=dtype)
    return ours(layer, x, np.ascontiguousarray(dE_dv[..., : d_s // 2]))


def ours_derived(size, dtype):
    """The Vanilla LSTM declared by its equations, run by the program that is derived from them."""
    from lstm_lib.derive import vanilla_lstm
    from lstm_lib.derived import DerivedLayer

    x, dE_dv = data(size, dtype)
    return ours(
        DerivedLayer(vanilla_lstm, d_x=x.shape[2], d_s=dE_dv.shape[2], dtype=dtype), x, dE_dv
    )


# ---- PyTorch -------------------------------------------------------------------------------


def torch_step(function, tensors, x, dE_dv):
    import torch

    error = torch.from_numpy(dE_dv)

    def step():
        for tensor in tensors:
            tensor.grad = None
        function(x).backward(error)
        return tensors[0].grad

    return step


def torch_plain(size, dtype):
    """torch.nn.LSTM."""
    import torch

    x, dE_dv = data(size, dtype)
    lstm = torch.nn.LSTM(x.shape[2], dE_dv.shape[2], dtype=torch.from_numpy(x).dtype)
    x = torch.from_numpy(x).requires_grad_()
    start = [torch.zeros(1, x.shape[1], dE_dv.shape[2], dtype=x.dtype) for _ in "sv"]
    for tensor in start:
        tensor.requires_grad_()
    return torch_step(
        lambda x: lstm(x, (start[1], start[0]))[0], [*lstm.parameters(), x, *start], x, dE_dv
    )


def torch_peepholes(size, dtype):
    """An eager loop under autograd, as well as one writes it: gates packed, inputs in advance."""
    import torch

    x, dE_dv = data(size, dtype)
    (_, B, d_x), d = x.shape, dE_dv.shape[2]
    x = torch.from_numpy(x).requires_grad_()
    make = lambda *shape: (0.05 * torch.randn(*shape, dtype=x.dtype)).requires_grad_()  # noqa: E731
    W_x, W_v, b = make(4 * d, d_x), make(4 * d, d), make(4 * d)
    W_s, W_scr, s0, v0 = make(2 * d, d), make(d, d), make(B, d), make(B, d)

    def forward(x):
        inputs = x @ W_x.T + b
        s, v, out = s0, v0, []
        for x_n in inputs.unbind():  # inputs[n] would send back a gradient of all steps, N times
            a = x_n + v @ W_v.T
            gates = torch.sigmoid(a[:, : 2 * d] + s @ W_s.T)
            s = gates[:, :d] * s + gates[:, d:] * torch.tanh(a[:, 2 * d : 3 * d])
            v = torch.sigmoid(a[:, 3 * d :] + s @ W_scr.T) * torch.tanh(s)
            out.append(v)
        return torch.stack(out)

    return torch_step(forward, [W_x, W_v, b, W_s, W_scr, x, s0, v0], x, dE_dv)


def torch_augmented(size, dtype):
    """The Augmented LSTM as an eager loop under autograd, windows as one product in advance."""
    import torch

    x, dE_dv = data(size, dtype)
    (_, B, d_x), d = x.shape, dE_dv.shape[2]
    d_v = d // 2
    x = torch.from_numpy(x).requires_grad_()
    make = lambda *shape: (0.05 * torch.randn(*shape, dtype=x.dtype)).requires_grad_()  # noqa: E731
    W_x, W_v, b = make(5 * d, 3 * d_x), make(5 * d, d_v), make(5 * d)
    W_s, W_scr, W_qdr = make(3 * d, d), make(d, d), make(d_v, d)
    s0, v0 = make(B, d), make(B, d_v)

    def forward(x):
        zero = torch.zeros_like(x[:1])
        padded = torch.cat([zero, x, zero])
        xi = torch.cat([padded[2:], padded[1:-1], padded[:-2]], dim=2) @ W_x.T
        s, v, out = s0, v0, []
        for xi_n in xi.unbind():
            recurrent = v @ W_v.T + b
            gates = xi_n[:, : 3 * d] + recurrent[:, : 3 * d] + s @ W_s.T
            g_cx, g_cs, g_cu = torch.sigmoid(gates).chunk(3, dim=1)
            u = torch.tanh(g_cx * xi_n[:, 3 * d : 4 * d] + recurrent[:, 3 * d : 4 * d])
            s = g_cs * s + g_cu * u
            g_cr = torch.sigmoid(xi_n[:, 4 * d :] + recurrent[:, 4 * d :] + s @ W_scr.T)
            v = (g_cr * torch.tanh(s)) @ W_qdr.T
            out.append(v)
        return torch.stack(out)

    error = np.ascontiguousarray(dE_dv[..., :d_v])
    return torch_step(forward, [W_x, W_v, b, W_s, W_scr, W_qdr, x, s0, v0], x, error)


# ---- JAX -----------------------------------------------------------------------------------


def jax_step(cell, shapes, x, dE_dv):
    """Forward and backward of a ``lax.scan`` as one compiled function, compiled beforehand."""
    import jax

    rng = np.random.default_rng(0)
    d = dE_dv.shape[2]
    weights = [jax.numpy.asarray(0.05 * rng.normal(size=k), x.dtype) for k in shapes]
    start = tuple(jax.numpy.zeros((x.shape[1], d), x.dtype) for _ in "sv")

    def run(weights, x, start):
        inputs = x @ weights[0].T + weights[2]
        return jax.lax.scan(lambda old, a: cell(weights, old, a), start, inputs)[1]

    def gradients(weights, x, start, dE_dv):
        v, back = jax.vjp(run, weights, x, start)
        return v, back(dE_dv)

    arguments = (weights, jax.numpy.asarray(x), start, jax.numpy.asarray(dE_dv))
    compiled = jax.jit(gradients).lower(*arguments).compile()
    return lambda: jax.block_until_ready(compiled(*arguments))


def jax_plain(size, dtype):
    import jax

    x, dE_dv = data(size, dtype)
    d_x, d = x.shape[2], dE_dv.shape[2]

    def cell(weights, old, a):
        s, v = old
        a = a + v @ weights[1].T
        g_cs, g_cu, g_cr = jax.numpy.split(jax.nn.sigmoid(a[:, : 3 * d]), 3, axis=1)
        s = g_cs * s + g_cu * jax.numpy.tanh(a[:, 3 * d :])
        v = g_cr * jax.numpy.tanh(s)
        return (s, v), v

    return jax_step(cell, [(4 * d, d_x), (4 * d, d), (4 * d,)], x, dE_dv)


def jax_peepholes(size, dtype):
    import jax

    x, dE_dv = data(size, dtype)
    d_x, d = x.shape[2], dE_dv.shape[2]

    def cell(weights, old, a):
        _, W_v, _, W_s, W_scr = weights
        s, v = old
        a = a + v @ W_v.T
        g_cs, g_cu = jax.numpy.split(jax.nn.sigmoid(a[:, : 2 * d] + s @ W_s.T), 2, axis=1)
        s = g_cs * s + g_cu * jax.numpy.tanh(a[:, 2 * d : 3 * d])
        v = jax.nn.sigmoid(a[:, 3 * d :] + s @ W_scr.T) * jax.numpy.tanh(s)
        return (s, v), v

    shapes = [(4 * d, d_x), (4 * d, d), (4 * d,), (2 * d, d), (d, d)]
    return jax_step(cell, shapes, x, dE_dv)


# ---- the bound -----------------------------------------------------------------------------


def gemm_bound(size, dtype):
    """The matrix products of a training step without peepholes, and nothing else."""
    x, _ = data(size, dtype)
    (N, B, d_x), d = x.shape, SIZES[size][3]
    rng = np.random.default_rng(0)
    make = lambda *shape: rng.normal(size=shape).astype(dtype)  # noqa: E731
    W_x, W_v, X, V = make(4 * d, d_x), make(4 * d, d), make(d_x, N * B), make(d, N * B)
    A, v, alpha = make(4 * d, N * B), make(d, B), make(4 * d, B)
    W_v_T = np.ascontiguousarray(W_v.T)

    def step():
        W_x @ X
        for _ in range(N):
            W_v @ v
            W_v_T @ alpha
        W_x.T @ A
        A @ X.T
        return A @ V.T

    return step


SIDES = {
    name: function
    for name, function in globals().items()
    if name.startswith(("ours_", "torch_", "jax_", "gemm_")) and not name.endswith("_step")
}


def memory(step):
    """How far one step, the first, raises the process's resident memory, in bytes."""

    def status(key):
        lines = Path("/proc/self/status").read_text().splitlines()
        return 1024 * int(next(line for line in lines if line.startswith(key)).split()[1])

    try:
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
        before = status("VmRSS")
        step()
        return status("VmHWM") - before
    except OSError:
        step()
        return None


def openblas():
    """The kernels that NumPy's OpenBLAS has chosen for this processor."""
    folder = Path(np.__file__).parent.parent / "numpy.libs"
    for path in folder.glob("*openblas*"):
        library = ctypes.CDLL(str(path))
        for name in ("scipy_openblas_get_corename64_", "openblas_get_corename64_"):
            if hasattr(library, name):
                function = getattr(library, name)
                function.restype = ctypes.c_char_p
                return function().decode()
    return "unknown"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=SIDES)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("dtype", choices=["float32", "float64"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--clock", choices=["cpu", "wall"], default="cpu")
    options = parser.parse_args()
    threads = options.threads
    if options.side.startswith("torch"):
        import torch

        torch.set_num_threads(threads)
        threads = torch.get_num_threads()
        torch.manual_seed(0)
    if options.side.startswith("jax"):
        # XLA takes one thread per processor that it sees when it starts.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
        threads = len(os.sched_getaffinity(0))
        import jax

        jax.config.update("jax_enable_x64", options.dtype == "float64")
    step = SIDES[options.side](options.size, np.dtype(options.dtype).type)
    peak = memory(step)
    step()
    # CPU time counts all threads of the process and is not disturbed by others' processes.
    clock = time.process_time if options.clock == "cpu" else time.perf_counter
    times = []
    while len(times) < 5 or (sum(times) < options.seconds and len(times) < 200):
        begin = clock()
        step()
        times.append(clock() - begin)
    print(json.dumps({
        "median": float(np.median(times)), "runs": len(times), "peak": peak,
        "threads": threads, "openblas": openblas(), "numpy": np.__version__,
    }))  # fmt: skip


if __name__ == "__main__":
    main()

"""The table of parts: what each is called, which symbols it stands for, when it is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lstm_lib.page.rnn_to_lstm import STAGES as STEPS

from .places import COPIES, GATES, PLACES, SOURCES, Place, across, along, copy, middle
from .shapes import Badge, Box, Circle, Dot, Shape, Stack, Text, Wire

__all__: list[str] = []

# What a stage consists of; the stages of chapter 5 stand in the list of that chapter.
FEATURES = {
    "rnn": "feedback",
    "leaky": "feedback keep kappa",
    "canonical": "feedback keep W_s",
    "identity": "feedback keep",
    "carousel": "keep cut",
    "update": "feedback keep cu cs",
    "bounded": "feedback keep cu cs warp",
    "readout": "feedback keep cu cs warp cr",
    "vanilla": "feedback keep cu cs warp cr peepholes",
    "augmented": "feedback keep cu cs warp cr peepholes window cx projection",
}
STAGES = ("rnn", "leaky", *STEPS, "vanilla", "augmented")
# The stage that a stage is compared with, where it is not the one before.
BEFORE = {"leaky": "rnn", "canonical": "rnn", "update": "identity"}

CALLED = {
    "cu": "update gate",
    "cs": "state gate",
    "cr": "read-out gate",
    "cx": "external input gate",
}
ELSEWHERE = {"cu": ", the input gate", "cs": ", the forget gate", "cr": ", the output gate"}


@dataclass(frozen=True)
class Part:
    """One part: ``key`` names it in every stage, ``symbols`` are those that it stands for here."""

    key: str
    words: str
    symbols: tuple[str, ...]
    shapes: tuple[Shape, ...]
    tone: str = "plain"  # or "weight", "warp", "delay", "way1"
    reads: tuple[str, ...] = ()  # symbols that light up with it, though it is none of them


def before(stage: str) -> str | None:
    """The stage that this one adds to."""
    if stage not in STAGES:
        return None
    k = STAGES.index(stage)
    return BEFORE.get(stage, STAGES[k - 1] if k else None)


def parts(stage: str, errors: bool = False) -> list[Part]:
    """The parts of a stage, along the data's path and then gate by gate."""
    if stage in ALONE:
        return list(ALONE[stage]())
    table = Table(stage)
    found = [*table.path(), *table.feedback()]
    for gate in (g for g in ("cu", "cs", "cr", "cx") if g in table.has):
        found += table.gate(gate)
    found += table.buses()
    if errors:
        found = [with_error(part, table) for part in found]
        found += ways(found)
    return found


def new(stage: str) -> set[str]:
    """The keys of the parts that the stage before has not."""
    earlier = before(stage)
    keys = {part.key for part in parts(stage)}
    return keys - {part.key for part in parts(earlier)} if earlier else set()


class Table:
    """The parts of one stage, in groups."""

    def __init__(self, stage: str) -> None:
        self.has = set(FEATURES[stage].split())
        rnn = stage in ("rnn", "leaky", "canonical")
        self.out = "v" if "cr" in self.has else "r"
        self.G = "G" if rnn else "G_d"
        self.names = {"W_x": "W_x", "W_r": "W_r", "b": "θ_s"} if rnn else {
            "W_x": "W_xdu", "W_r": f"W_{self.out}du", "b": "b_du",
        }  # fmt: skip
        self.gates = [g for g in GATES if g in self.has]

    def path(self) -> Iterator[Part]:
        """From the input to the output."""
        has, q = self.has, across("path")
        x, W = (along("in"), q), self.names["W_x"]
        yield Part("x", "input x[n]", ("x",), (
            Text(x, "x[n]"), Wire(((along("in", by=15), q), "W_xdu")),
        ))  # fmt: skip
        if "window" in has:
            yield Part("ξ_du", "window on the input: lags Λ_du, output ξ_du", ("ξ_du", "Λ_du"), (
                Stack("W_xdu"),
                Text(middle(PLACES["W_xdu"], PLACES["×cx"]), "ξ_du", "+across", ((6, 8), (0, 2))),
            ))  # fmt: skip
        yield self.reader("W_xdu", W, "input weights", "×cx" if "cx" in has else "Σ_du")
        if "cx" in has:
            yield Part("×cx", "product of the external input gate and the data's window",
                       (), (Circle("×cx", "·"), Wire(("×cx", "Σ_du"))),
                       reads=("g_cx", "ξ_du"))  # fmt: skip
        bias, at = self.names["b"], PLACES["Σ_du"]
        yield Part("b_du", f"bias {bias}", (bias,), (
            Text((at[0], across("path", -28)), bias, "-across", ((0, 5), (4, 0))),
            Wire(((at[0], across("path", -26)), "Σ_du")),
        ))  # fmt: skip
        yield Part("Σ_du", "sum: the net input of the data", ("a_du",) if "warp" in has else (),
                   (Circle("Σ_du", "+"),))  # fmt: skip
        yield from self.update()
        yield from self.state()
        yield from self.read_out()

    def update(self) -> Iterator[Part]:
        """From the net input of the data to the state."""
        has = self.has
        to = "×cu" if "cu" in has else "1−κ" if "kappa" in has else "Σ_s" if "keep" in has else ""
        label = Text(middle(PLACES["G_du"], PLACES["×cu"]), "u[n]", "+across", ((2, 2), (0, 0)))
        if "warp" in has:
            yield Part("a_du", "net input of the data a_du", ("a_du",), (
                Wire(("Σ_du", "G_du")),
                Text(middle(PLACES["Σ_du"], PLACES["G_du"]), "a_du", "+across"),
            ))  # fmt: skip
            yield Part("G_du", "data warping G_d", ("G_d",), (Box("G_du", "G_d"),), "warp")
            yield Part("u", "data update u[n]", ("u",), (Wire(("G_du", to)), label))
        elif "W_s" in has or "kappa" in has:
            yield Part("u", "what input, read-out and bias add up to", (), (Wire(("Σ_du", to)),))
        elif to:
            yield Part("u", "data update u[n]", ("u",), (Wire(("Σ_du", to)), label))
        if "cu" in has:
            yield Part("×cu", "product of the update gate and the data update", (),
                       (Circle("×cu", "·"), Wire(("×cu", "Σ_s"))), reads=("g_cu", "u"))  # fmt: skip
        if "kappa" in has:
            yield Part("1−κ", "the share 1−κ of what is new", ("κ",),
                       (Box("1−κ", "1−κ"), Wire(("1−κ", "Σ_s"))), "weight")  # fmt: skip

    def state(self) -> Iterator[Part]:
        """The state, and its loop if it has one."""
        keep = "keep" in self.has
        branch = (along("state"), across("path"))
        wires: list[Shape] = [
            Wire(("Σ_s" if keep else "Σ_du", "G_r")),
            Text(middle(PLACES["Σ_s"], branch), "s[n]", "+across", ((0, 2), (0, -8))),
        ]
        if keep:
            yield Part("Σ_s", "sum: the state", ("s",), (Circle("Σ_s", "+"),))
            wires += [Wire((branch, "z_s")), Dot(branch)]
        yield Part("s", "state s[n]", ("s",), tuple(wires))
        if not keep:
            return
        delay = Box("z_s", "z^−1")
        yield Part("z_s", "delay z^−1: keeps the state for one step", (), (delay,), "delay")
        corner, product = PLACES["×cs"], "cs" in self.has
        before_gates = [name for name, on in (("κ", "kappa"), ("W_s", "W_s")) if on in self.has]
        at = "×cs" if product else "".join(before_gates)
        yield Part("s[n−1]", "old state s[n−1]", ("s[n−1]",), (
            Wire(("z_s", at)) if at else Wire(("z_s", corner, "Σ_s")),
            Text(middle(corner, PLACES["z_s"]), "s[n−1]", "+across", ((-3, 6), (0, -1))),
        ))  # fmt: skip
        if product:
            yield Part("×cs", "product of the state gate and the old state", (),
                       (Circle("×cs", "·"), Wire(("×cs", "Σ_s"))),
                       reads=("g_cs", "s[n−1]"))  # fmt: skip
        elif at:
            words = {"κ": "the share κ that a unit keeps", "W_s": "weights W_s of the old state"}
            yield Part(at, words[at], (at,), (Box(at, at), Wire((at, "Σ_s"))), "weight")

    def read_out(self) -> Iterator[Part]:
        """From the state to the output."""
        has, q = self.has, across("path")
        box = Box("G_r", self.G)
        yield Part("G_r", f"warping {self.G} of the state", (self.G,), (box,), "warp")
        end, branch = (along("out"), q), (along("value"), q)
        name = Text(middle(PLACES["G_r"], PLACES["×cr"]), "r[n]", "+across", ((3, 2), (3, 0)))
        ending: tuple[Shape, ...] = (Dot(branch),) if "feedback" in has else ()
        if "cr" not in has:
            yield Part("r", "read-out r[n]", ("r",), (Wire(("G_r", end)), name, *ending))
            return
        yield Part("r", "read-out r[n]", ("r",), (Wire(("G_r", "×cr")), name))
        yield Part("×cr", "product of the read-out gate and the read-out", (),
                   (Circle("×cr", "·"),), reads=("g_cr", "r"))  # fmt: skip
        last = "×cr"
        if "projection" in has:
            last = "W_qdr"
            yield Part("q", "value before the projection q[n]", ("q",), (
                Wire(("×cr", "W_qdr")),
                Text(middle(PLACES["×cr"], PLACES["W_qdr"]), "q[n]", "+across", ((-5, 0), (0, 0))),
            ))  # fmt: skip
            yield Part("W_qdr", "recurrent projection W_qdr", ("W_qdr",),
                       (Box("W_qdr", "W_qdr"),), "weight")  # fmt: skip
        yield Part("v", "value v[n]", ("v",), (
            Wire((last, end)), *ending,
            Text((along("value", by=18), q), "v[n]", "-across", ((0, 2), (0, -9))),
        ))  # fmt: skip

    def feedback(self) -> Iterator[Part]:
        """The output's way back to the net input of the data."""
        out, W = self.out, self.names["W_r"]
        branch, late = (along("value"), across("path")), f"{self.out}[n−1]"
        start, corner = (along("value"), across("back")), PLACES["W_vdu"]
        if "cut" in self.has:
            yield Part("cut", "the feedback is cut", (), (
                Wire((branch, start, corner, "Σ_du"), kind="cut"),
                Text((along("sum"), across("back")), "cut"),
            ))  # fmt: skip
        if "feedback" not in self.has:
            return
        yield Part("back", "the output returns", (out,), (Wire((branch, "z_v")),))
        delay = Box("z_v", "z^−1")
        yield Part("z_v", "delay z^−1: keeps the output for one step", (), (delay,), "delay")
        old = "old value" if out == "v" else "old read-out"
        yield Part("v[n−1]", f"{old} {late}", (late,), (
            Wire(("z_v", "W_vdu")), Text((along("sum"), across("back")), late),
        ))  # fmt: skip
        yield self.reader("W_vdu", W, "recurrent weights", "Σ_du")

    def reader(self, key: str, label: str, what: str, to: str) -> Part:
        """Weights on the data's path."""
        shapes = (Box(key, label), Wire((key, to)))
        return Part(key, f"{what} {label}", (label,), shapes, "weight")

    def gate(self, g: str) -> Iterator[Part]:
        """One gate: what it reads, the sum, the warping, and what it multiplies."""
        called, step = CALLED[g], "sum" if g == "cs" else g
        seen = "new" if g == "cr" else "old"
        texts = {
            "x": (f"W_x{g}", f"input weights W_x{g} of the {called}"),
            "s": (f"W_s{g}", f"peephole W_s{g}: the {called} sees the {seen} state"),
            "v": (f"W_{self.out}{g}", f"recurrent weights W_{self.out}{g} of the {called}"),
        }
        if "window" in self.has:
            at = (along(step, -1), across("join"))
            words = f"window of the {called} on the input: lags Λ_{g}, output ξ_{g}"
            yield Part(f"ξ_{g}", words, (f"ξ_{g}", f"Λ_{g}"), (
                Stack(f"W_x{g}"), Text(at, f"ξ_{g}", "-along", ((0, 2), (8, 2))),
            ))  # fmt: skip
        for source, pitch in SOURCES.items():
            if source == "s" and "peepholes" not in self.has:
                continue
            label, words = texts[source]
            key, line = f"W_{source}{g}", along(step, pitch)
            bus, corner = (line, across(f"bus_{source}")), (line, across("join"))
            through = Wire((key, corner, f"Σ_{g}") if pitch else (key, f"Σ_{g}"))
            shapes = (Wire((bus, key)), Box(key, label), through)
            yield Part(key, words, (label,), shapes, "weight")
        bias, at = f"b_{g}", (along(step, by=22), across("gate_sum"))
        yield Part(bias, f"bias {bias} of the {called}", (bias,), (
            Text(at, bias, "+along", ((-4, 0), (0, -6))), Wire((at, f"Σ_{g}")),
        ))  # fmt: skip
        net, warp, acts = f"a_{g}", PLACES[f"G_{g}"], PLACES[f"×{g}"]
        words = f"sum: the net input of the {called}"
        yield Part(f"Σ_{g}", words, (net,), (Circle(f"Σ_{g}", "+"),))
        yield Part(net, f"net input of the {called} {net}", (net,), (
            Wire((f"Σ_{g}", f"G_{g}")),
            Text(middle(PLACES[f"Σ_{g}"], warp), net, "+along", ((-2, -3), (-3, -1))),
        ))  # fmt: skip
        yield Part(f"G_{g}", f"control warping G_c of the {called}", ("G_c",),
                   (Box(f"G_{g}", "G_c"),), "warp")  # fmt: skip
        yield Part(f"g_{g}", f"{called} g_{g}{ELSEWHERE.get(g, '')}", (f"g_{g}",), (
            Wire((f"G_{g}", f"×{g}")),
            Text((acts[0], across("peep")), f"g_{g}", "-along", ((3, 0), (0, 2))),
        ))  # fmt: skip

    def buses(self) -> Iterator[Part]:
        """What the gates read: the input, the late output, the states."""
        if not self.gates:
            return
        step = {g: "sum" if g == "cs" else g for g in self.gates}
        first, last = step[self.gates[0]], step[self.gates[-1]]

        def taps(source: str, gates: list[str]) -> tuple[Shape, ...]:
            line = across(f"bus_{source}")
            return tuple(Dot((along(step[g], SOURCES[source]), line)) for g in gates)

        x, path = along("x"), across("path")
        yield Part("bus_x", "the input goes to every gate", ("x",), (
            Dot((x, path)),
            Wire(((x, path), (x, across("bus_x")), (along(last, -1), across("bus_x"))), False),
            *taps("x", self.gates[:-1]),
        ))  # fmt: skip
        late, back, far = along("late", by=-1), across("back"), along("round")
        yield Part("bus_v", "the old output goes to every gate", (f"{self.out}[n−1]",), (
            Dot((late, back)),
            Wire(((late, back), (late, across("around")), (far, across("around")),
                  (far, across("bus_v")), (along(first, 1), across("bus_v"))), arrow=False),
            *taps("v", self.gates[1:]),
        ))  # fmt: skip
        if "peepholes" not in self.has:
            return
        early = [g for g in self.gates if g != "cr"]
        branch = middle(PLACES["×cs"], PLACES["z_s"])
        tap: Place = ((branch[0][0] + 1, branch[0][1] - 7), across("loop"))
        yield Part("bus_s", "the old state goes to the peepholes", ("s[n−1]",), (
            Dot(tap),
            Wire((tap, (tap[0], across("peep")), (along("old"), across("peep")),
                  (along("old"), across("bus_s")), (along(step[early[0]]), across("bus_s"))),
                 arrow=False),
            *taps("s", early[1:]),
        ))  # fmt: skip
        yield Part("bus_s_new", "the new state goes to the read-out gate's peephole", ("s",), (
            Dot((along("new"), path)),
            Wire(((along("new"), path), (along("new"), across("bus_s")),
                  (along("cr"), across("bus_s"))), arrow=False),
        ))  # fmt: skip


def with_error(part: Part, table: Table) -> Part:
    """The part with the error of its signal beside it."""
    out = "v" if table.out == "v" else "r"
    q = across("path")
    state = middle(PLACES["Σ_s"], (along("state"), q))
    errors = {"s": ("ψ[n]", Text(state, "ψ[n]", "+across", ((36, 2), (0, 10))))}
    end = (along("value", by=18), q)
    if out == "v":
        errors["v"] = ("χ[n]", Text(end, "χ[n]", "+across", ((0, 2), (0, -1))))
        at = middle(PLACES["G_r"], PLACES["×cr"])
        errors["r"] = ("ρ[n]", Text(at, "ρ[n]", "-across", ((3, -1), (-3, 0))))
    else:
        errors["r"] = ("χ[n]", Text(end, "χ[n]", "+across", ((0, 2), (0, -1))))
    if "a_du" not in table.names and "warp" in table.has:
        at = middle(PLACES["Σ_du"], PLACES["G_du"])
        errors["a_du"] = ("α_du", Text(at, "α_du", "-across"))
    for g in table.gates:
        at = middle(PLACES[f"Σ_{g}"], PLACES[f"G_{g}"])
        errors[f"a_{g}"] = (f"α_{g}", Text(at, f"α_{g}", "-along", ((2, -3), (-4, -1))))
    if part.key not in errors:
        return part
    symbol, text = errors[part.key]
    text = replace(text, kind="error")
    return replace(
        part,
        words=f"{part.words}, {symbol} its error",
        symbols=(*part.symbols, symbol.removesuffix("[n]")),
        shapes=(*part.shapes, text),
    )


def ways(found: list[Part]) -> Iterator[Part]:
    """The ways that lead on from the state, so the terms of its error, numbered."""
    keys = {part.key for part in found}
    state, path = (along("state"), across("path")), across("path")
    tap = middle(PLACES["×cs"], PLACES["z_s"])
    tap = ((tap[0][0] + 1, tap[0][1] - 7), across("loop"))
    old = (tap, (tap[0], across("peep")), (along("old"), across("peep")))
    if "bus_s" not in keys:
        return

    def peephole(g: str, start: tuple[Place, ...]) -> tuple[Shape, ...]:
        step = "sum" if g == "cs" else g
        bus = (along(step), across("bus_s"))
        lane = along("new" if g == "cr" else "old")
        return (
            Wire((*start, (lane, across("bus_s")), bus, f"W_s{g}"), False, "way"),
            Wire((f"W_s{g}", f"Σ_{g}"), False, "way"),
        )

    def join(g: str) -> Place:
        return along("sum" if g == "cs" else g), across("join")

    new_ = (state, (along("new"), path))
    given: list[tuple[str, tuple[Shape, ...], Place]] = [
        ("to the read-out, through G_d", (
            Wire((state, "G_r"), False, "way"), Wire(("G_r", "×cr"), False, "way"),
        ), middle(PLACES["G_r"], PLACES["×cr"])),
        ("to the read-out gate, through its peephole", peephole("cr", new_), join("cr")),
        ("round the loop, times the state gate", (
            Wire((state, "z_s"), False, "way"), Wire(("z_s", "×cs"), False, "way"),
            Wire(("×cs", "Σ_s"), False, "way"),
        ), middle(PLACES["×cs"], PLACES["Σ_s"])),
        ("to the next update gate, through its peephole", peephole("cu", old), join("cu")),
        ("to the next state gate, through its peephole", peephole("cs", old), join("cs")),
    ]  # fmt: skip
    if "W_scx" in keys:
        given.append(("to the next external input gate, through its peephole",
                      peephole("cx", old), join("cx")))  # fmt: skip
    for number, (words, wires, at) in enumerate(given, 1):
        said = f"way {number} on from the state: {words}"
        yield Part(f"way {number}", said, (), (*wires, Badge(at, str(number))), f"way{number}")


def unrolled() -> Iterator[Part]:
    """The canonical RNN at three steps, side by side: a copy for each, the same weights in each."""
    for n in COPIES:
        Σ, last, late = f"Σ_s{n}", n == COPIES[-1], f"[{n - 1}]".replace("-", "−")
        at = f" at step {n}"
        yield Part(f"x{n}", f"input x[{n}]", ("x",), (
            Text(copy(n, 0, 10), f"x[{n}]"), Wire((copy(n, 0, 19), f"w_x{n}")),
        ))  # fmt: skip
        for source, words, to in (
            ("x", "input weights W_x", f"Σ_du{n}"), ("r", "recurrent weights W_r", f"Σ_du{n}"),
            ("s", "weights W_s of the old state", Σ),
        ):  # fmt: skip
            box = Box(f"w_{source}{n}", f"W_{source}")
            yield Part(f"W_{source}{n}", words + at, (f"W_{source}",),
                       (box, Wire((f"w_{source}{n}", to))), "weight")  # fmt: skip
        yield Part(f"θ_s{n}", "bias θ_s" + at, ("θ_s",), (
            Text(copy(n, 20, 84), "θ_s", "-along", ((4, 0), (0, 0))),
            Wire((copy(n, 18, 86), f"Σ_du{n}")),
        ))  # fmt: skip
        yield Part(f"Σ_du{n}", "sum: what input, read-out and bias add up to", (),
                   (Circle(f"Σ_du{n}", "+"), Wire((f"Σ_du{n}", Σ))))  # fmt: skip
        yield Part(Σ, "sum: the state", ("s",), (Circle(Σ, "+"),))
        to_next: tuple[str | Place, ...] = (
            (copy(n, 38, 196),) if last else (copy(n, 26, 196), copy(n, 26, 160), f"w_s{n + 1}")
        )
        yield Part(f"s{n}", f"state s[{n}]", ("s", "s[n−1]"), (
            Wire((Σ, f"g{n}")), Dot(copy(n, 0, 196)), Wire((copy(n, 0, 196), *to_next)),
            Text(copy(n, 0, 190), f"s[{n}]", "-across"),
        ))  # fmt: skip
        yield Part(f"G{n}", "warping G" + at, ("G",), (Box(f"g{n}", "G"),), "warp")
        to_next = (copy(n, 38, 268),)
        if not last:
            to_next = (copy(n, 36, 268), copy(n, 36, 132), copy(n, 36, 104), f"w_r{n + 1}")
        yield Part(f"r{n}", f"read-out r[{n}]", ("r", "r[n−1]"), (
            Wire((f"g{n}", copy(n, 0, 296))), Wire((copy(n, 0, 268), *to_next)),
            Dot(copy(n, 0, 268)), Text(copy(n, 0, 286), f"r[{n}]", "-across"),
        ))  # fmt: skip
        if n == 0:
            for letter, what, y in (("r", "read-out", 104), ("s", "state", 160)):
                name = letter + late
                yield Part(name, f"{what} before the first step {name}", (letter,), (
                    Text(copy(n, -84, y), name), Wire((copy(n, -64, y), f"w_{letter}{n}")),
                ))  # fmt: skip


def backward() -> Iterator[Part]:
    """The canonical RNN with every arrow turned round: the ways of its errors.

    Sums have become branch points and branch points sums; z fetches an error from one step later.
    """
    path = across("path")
    net, state = (along("net"), path), (along("sum"), path)
    yield Part("r", "gradient of the loss by the read-out r[n]", ("r",), (
        Wire(((along("out"), path), "Σ_r′")),
        Text((along("value", by=20), path), "r[n]", "-across", ((4, 2), (0, -4))),
    ))  # fmt: skip
    yield Part("Σ_r′", "sum: the error of the read-out", ("χ",), (Circle("Σ_r′", "+"),))
    yield Part("χ", "error of the read-out χ[n]", ("χ",), (
        Wire(("Σ_r′", "×G′")),
        Text((along("cr", by=20), path), "χ[n]", "+across", ((0, 2), (0, 0))),
    ))  # fmt: skip
    yield Part("×G′", "product with the slope G' of the warping", ("G",), (
        Circle("×G′", "·"), Text(PLACES["×G′"], "G'", "-across", ((0, -8), (-8, 0))),
    ), "warp")  # fmt: skip
    yield Part("ρ", "what comes through the warping", (), (Wire(("×G′", "Σ_s′")),))
    yield Part("Σ_s′", "sum: the error of the state", ("ψ",), (Circle("Σ_s′", "+"),))
    yield Part("ψ", "error of the state ψ[n]", ("ψ",), (
        Wire(("Σ_s′", "W_xdu")), Dot(state), Dot(net),
        Text(middle(PLACES["Σ_s"], PLACES["Σ_s′"]), "ψ[n]", "+across", ((0, 2), (0, 0))),
    ))  # fmt: skip
    for key, box, words, start in (
        ("W_s", "W_s", "weights W_s, transposed", state),
        ("W_vdu", "W_r", "recurrent weights W_r, transposed", net),
    ):
        z, to = ("z_s", "Σ_s′") if box == "W_s" else ("z_v", "Σ_r′")
        yield Part(key, f"{words.replace(box, box + '^⊤')}", (box,), (
            Wire((start, key)), Box(key, f"{box}^⊤"), Wire((key, z)),
        ), "weight")  # fmt: skip
        later = "z: fetches the error from one step later"
        yield Part(z, later, (), (Box(z, "z"), Wire((z, to))), "delay")
    yield Part("W_xdu", "input weights W_x^⊤, transposed", ("W_x",), (
        Box("W_xdu", "W_x^⊤"), Wire(("W_xdu", (along("in", by=15), path))),
    ), "weight")  # fmt: skip
    yield Part(
        "x", "to the gradient by the input x[n]", ("x",), (Text((along("in"), path), "x[n]"),)
    )
    yield Part("θ_s", "to the gradient by the bias θ_s", ("θ_s",), (
        Wire((net, (along("net"), across("path", -24)))),
        Text((along("net"), across("path", -28)), "θ_s", "-across", ((0, 5), (4, 0))),
    ))  # fmt: skip


ALONE = {"unrolled": unrolled, "backward": backward}  # no stages, but drawn of the same parts
DRAWN = (*STAGES, *ALONE)  # what can be drawn

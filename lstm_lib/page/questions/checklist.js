// The trainer of 04_vanishing: it deals settings of the live figure, runs the figure's own programs
// (runRNN and runLSTM come from checklist.py) and judges a prediction. CHECKLIST are the numbers of the chapter's list.
const BACK = 99; // steps from the error to the first step

// What became of an error, by its sizes from the first to the last step. Within a factor of an edge: nothing.
const FATES = [
  { name: "vanishes", text: "Vanishes: 1 % within 6 steps.", within: [1, 6], size: 0.01 },
  { name: "vanishes", text: "Vanishes: 1 % after 10 to 18 steps.", within: [10, 18], size: 0.01 },
  { name: "vanishes", text: "Vanishes: 1 % after 28 to 75 steps.", within: [28, 75], size: 0.01 },
  { name: "holds", text: "Holds: 1/20 to 20 times its size." },
  { name: "explodes", text: "Explodes: × 100 after 28 to 75 steps.", within: [28, 75], size: 100 },
  { name: "explodes", text: "Explodes: × 100 within 18 steps.", within: [1, 18], size: 100 },
];
const EDGES = { vanishes: [8, 22], explodes: [22] }; // between the kinds, for a prediction

function outcome(psi) {
  const sizes = [...psi].reverse(), end = sizes[BACK]; // by steps back
  if (!(end < 1e200)) return null;
  if (end > 0.05 && end < 20) return { ...FATES[3], end };
  const size = end < 1 ? 0.01 : 100, after = sizes.findIndex((v) => (size < 1 ? v < size : v > size));
  const found = FATES.find((fate) => fate.size === size && after >= fate.within[0] && after <= fate.within[1]);
  const clear = size < 1 ? end < 1e-3 : end > 1e3;
  return found && clear && sizes[0] > 0 ? { ...found, end, after } : null;
}

// The same from a factor per step; a matrix far from normal costs `later` steps more.
function told(factor, later = 0) {
  const end = factor ** BACK;
  if (end >= 0.01 && end <= 100) return FATES[3];
  const name = end < 1 ? "vanishes" : "explodes", steps = Math.abs(Math.log(100) / Math.log(factor)) + (end < 1 ? later : 0);
  const slower = EDGES[name].filter((edge) => steps > edge).length;
  return FATES[name === "vanishes" ? slower : 5 - slower];
}

// A line of the table: what lies between two entries is drawn straight.
function typicalSlope(activation, spread) {
  const slopes = CHECKLIST.slopes[activation], at = CHECKLIST.spreads;
  const i = Math.max(1, at.findIndex((a) => a >= spread)), part = (spread - at[i - 1]) / (at[i] - at[i - 1]);
  return slopes[i - 1] + part * (slopes[i] - slopes[i - 1]);
}

// The chapter's checklist: a factor per step, without a run, and the step and the rule that decide; null where it
// says "measure".
function checklist(setting) {
  const { network, radius, activation, input, start, bias, nonnormal } = setting;
  const rest = input === 0 && start === 0, most = radius + nonnormal, later = nonnormal > 0 ? 3 : 0;
  if (network === "LSTM") {
    const gate = 1 / (1 + Math.exp(-bias)), all = CHECKLIST.beside * radius;
    if (rest) return { factor: gate + all, step: 1, rule: "LSTM at rest" };
    if (leftOpenLSTM(setting)) return null;
    return { factor: Math.min(1, gate + all / 2), step: 1, rule: gate + all / 2 > 1 ? "LSTM, held" : "LSTM" };
  }
  if (leftOpen(setting)) return null;
  if (activation === "relu") return { factor: CHECKLIST.slopes.relu[0] * most, step: 3, rule: "half" };
  if (activation === "identity" || (activation === "tanh" && rest)) return { factor: radius, step: 3, rule: "radius", later };
  if (activation === "tanh" && most > 2) return { factor: 0.8, step: 3, rule: "saturated", later };
  if (activation === "tanh" && most > 1 && input <= 0.25 * most) return { factor: Math.min(1, radius), step: 3, rule: "settles", later };
  const pushed = Math.min(2, input);
  const own = activation === "logistic" ? radius / 2 : most > 1 ? radius : radius * Math.min(1, input);
  const spread = Math.hypot(pushed, own);
  return { factor: radius * typicalSlope(activation, spread), step: 3, rule: "table", spread, later };
}

// Settings as the figure's sliders have them, over all of their ranges. What the list leaves open is not dealt.
const CALM = { network: "RNN", nonnormal: 0, input: 0.3, start: 1, bias: 4, steps: BACK + 1 };
const step = (random, low, high, by) => Number((low + by * random.integer(0, Math.round((high - low) / by))).toFixed(2));
const anyInput = (random) => (random.integer(0, 3) ? step(random, 0, 3, 0.1) : 0);
const turn = (block) => ((block * 7) % 31) / 10; // every input once in 31 blocks
const anyStart = (random) => random.pick([0, 1, 1, 2]);
// Six kinds, and the fates that each can have; of six deals in a row each is one.
const KINDS = [
  { fates: [0, 1, 2, 3, 4, 5], draw: (random, block) => ({ activation: "identity", radius: step(random, 0.1, random.pick([1.2, 5]), 0.05), input: turn(block) }) },
  { fates: [0, 1, 2, 3, 5], draw: (random) => ({ activation: "tanh", radius: step(random, 0.1, random.pick([1.2, 5]), 0.05), input: anyInput(random), start: anyStart(random) }) },
  { fates: [0, 1], draw: (random, block) => ({ activation: "logistic", radius: step(random, 0.1 + 0.05 * (block % 4), 4.9, 0.2), input: step(random, 0, 3, 0.1) }) },
  { fates: [0, 1, 5], draw: (random, block) => ({ activation: "relu", radius: step(random, 0.1, 5, 0.05), input: turn(block) }) },
  { fates: [0, 1, 2, 3, 5], draw: (random) => ({ activation: random.pick(["tanh", "logistic", "relu", "identity"]), radius: step(random, 0.1, random.pick([1.2, 5]), 0.05), nonnormal: step(random, 0.1, 3, 0.1), input: anyInput(random) }) },
  { fates: [0, 1, 2, 3, 4], draw: (random) => ({ network: "LSTM", activation: "tanh", radius: step(random, 0.1, 5, 0.05), bias: step(random, -2, 6, 0.25), input: anyInput(random), start: anyStart(random) }) },
];

function deal(random, seed) {
  const block = Math.floor((seed - 1) / KINDS.length), order = SelfChecks.generator(1000 + block).shuffle(KINDS);
  const { draw, fates } = order[(seed - 1) % KINDS.length], wanted = FATES[random.pick(fates)]; // each is met as often
  return random.until(() => {
    const setting = { ...CALM, ...draw(random, block) };
    if (!checklist(setting)) return { text: "" };
    const psi = setting.network === "LSTM" ? runLSTM(setting).psi_lstm : runRNN(setting).psi;
    return { setting, ...(outcome(psi) || { text: "" }) };
  }, ({ text }) => text === wanted.text);
}

const show = (value, digits = 2) => (value !== 0 && Math.abs(value) < 0.005 ? SelfChecks.format(value, 1) : String(Number(value.toFixed(digits)))).replace("-", "−");
const UNITS = { tanh: "tanh", logistic: "logistic", relu: "ReLU", identity: "linear" };

function asked({ network, radius, activation, input, start, bias, nonnormal }) {
  const begin = start ? "a start away from rest" : "a start at rest";
  const signal = input ? `input ${show(input)}, ${begin}` : `no input, ${start ? "but" : "and"} ${begin}`;
  return network === "LSTM"
    ? `*An LSTM* with forget bias ${show(bias)}; its update gate is nearly shut, and the matrix behind it has the radius ${show(radius)}; ${signal}.`
    : `*An RNN* with ${UNITS[activation]} units; rad W_{r} = ${show(radius)}, ${nonnormal ? `far from normal (α = ${show(nonnormal)})` : "normal"}; ${signal}.`;
}

// Why, by the rule of the list that decides.
function why({ radius, activation, input, bias, nonnormal }, { factor, rule, spread }) {
  const gate = show(1 / (1 + Math.exp(-bias)), 3), size = nonnormal ? `(${show(radius)} + ${show(nonnormal)})` : show(radius);
  const because = {
    "LSTM at rest": `*Step 1.* At rest the gate stands at ${gate} and the matrix adds 0.06 × ${show(radius)}: about ${show(factor, 3)} a step.`,
    LSTM: `*Step 1.* The gate stands at ${gate}; away from rest the matrix adds about 0.03 × ${show(radius)}: about ${show(factor, 3)} a step.`,
    "LSTM, held": `*Step 1.* The gate stands at ${gate} and the matrix lifts the sum above one; away from rest growth stops, about 1 a step.`,
    half: `*Step 3.* About half of the ReLUs are off: 0.5 × ${size} = ${show(factor)} a step.`,
    radius: `*Step 3.* ${activation === "identity" ? "The slope is 1 everywhere" : "At rest the slope is 1"}: each step multiplies by the radius, ${show(radius)}.`,
    saturated: `*Step 3.* The gain is above two and the input above three quarters of it: the units saturate, about 0.8 a step.`,
    settles: `*Step 3.* The gain is above one and the input weak: the units move away from rest until growth stops. ${factor < 1 ? `The radius, ${show(factor)}, is the most that is left` : "The factor settles near 1"}.`,
    table: () => `*Step 3.* The spread is about ${show(spread, 1)}; there the slope is about ${show(factor / radius)}: ${show(radius)} × ${show(factor / radius)} = ${show(factor)} a step.`,
  }[rule];
  return (typeof because === "function" ? because() : because) + (nonnormal && activation !== "relu" ? " *Step 4.* The matrix is not normal: a hump comes first, about three steps more." : "");
}

const link = ({ radius, activation, input, start, bias, nonnormal, steps }) =>
  `[see it in the figure](#vanishing?radius=${radius}&nonnormal=${nonnormal}&activation=${activation}&input=${input}&steps=${steps}&start=${start}&bias=${bias})`;

SelfChecks.define("checklist", [{
  id: "deal",
  draw(random, seed) {
    const { setting, text, name, end, after } = deal(random, seed), said = checklist(setting), expected = told(said.factor, said.later), factor = end ** (1 / BACK);
    const wrong = (fate) => {
      if (fate.text === text) return "";
      if (fate.name === name) return `It ${name}, but not at that pace. Step 5: 4.6 divided by |ln f|, the distance from one where f is near it.`;
      if (fate.name === "holds") return "To hold for 99 steps the factor must lie between 0.96 and 1.04.";
      return fate.name === "explodes" ? "To explode it needs a factor above one, step by step." : "To vanish it needs a factor below one, step by step.";
    };
    const measured = name === "holds" ? `after ${BACK} steps its size is × ${show(end)}`
      : end > 0 ? `× ${show(factor)} a step on average over all ${BACK}; ${name === "vanishes" ? "1 %" : "a hundredfold"} after ${after} steps` : `nothing is left; 1 % after ${after} steps`;
    const astray = expected.text === text ? "" : expected.name === name ? " The list has the fate right, not the pace." : ` Here the list errs: by it the error ${expected.name}.`;
    return {
      kind: "choice",
      ordered: true,
      text: `${asked(setting)}\nAn error enters at the last of ${BACK + 1} steps. What becomes of it on its way back?`,
      options: FATES.map((fate) => ({ text: fate.text, right: fate.text === text, reason: wrong(fate) })),
      because: `${why(setting, said)}${astray} The run: ${measured}; ${link(setting)}.`,
    };
  },
}], { trainer: true });

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

// The same from a factor per step.
function told(factor) {
  const end = factor ** BACK;
  if (end >= 0.01 && end <= 100) return FATES[3];
  const name = end < 1 ? "vanishes" : "explodes", steps = Math.abs(Math.log(100) / Math.log(factor));
  const slower = EDGES[name].filter((edge) => steps > edge).length;
  return FATES[name === "vanishes" ? slower : 5 - slower];
}

// A line of the table: what lies between two entries is drawn straight.
function typicalSlope(activation, spread) {
  const slopes = CHECKLIST.slopes[activation], at = CHECKLIST.spreads;
  const i = Math.max(1, at.findIndex((a) => a >= spread)), part = (spread - at[i - 1]) / (at[i] - at[i - 1]);
  return slopes[i - 1] + part * (slopes[i] - slopes[i - 1]);
}

// The chapter's checklist: a factor per step, without a run, and the step that decides.
function checklist({ network, radius, activation, input, start, bias, nonnormal }) {
  if (network === "LSTM") return { factor: 1 / (1 + Math.exp(-bias)) + CHECKLIST.beside * radius, step: 1 };
  const steepest = CHECKLIST.slopes[activation][0], rest = input === 0 && start === 0;
  const bound = radius * steepest < 1, own = bound || activation === "identity" ? 0 : radius;
  const typical = radius * typicalSlope(activation, rest ? 0 : Math.hypot(input, own));
  if (nonnormal > 0) return { factor: typical, step: 4 };
  if (bound) return { factor: typical, step: 2 };
  const settles = activation === "tanh" && !rest && input <= radius * CHECKLIST.weak;
  return { factor: settles ? 1 : typical, step: 3 };
}

// Settings as the figure's sliders have them. What the list calls open (gains above 2.2 with tanh, a ReLU between
// 1.3 and 2.2, a matrix beside the gate that counts) is not dealt.
const CALM = { network: "RNN", nonnormal: 0, input: 0.3, start: 1, bias: 4, steps: BACK + 1 };
const step = (random, low, high, by) => Number((low + by * random.integer(0, Math.round((high - low) / by))).toFixed(2));
const KINDS = [
  (random) => ({ ...CALM, activation: "identity", radius: step(random, 0.3, 1.6, 0.05), input: step(random, 0, 2, 0.5) }),
  (random) => ({ ...CALM, activation: "tanh", radius: step(random, 0.3, 1.6, 0.05), input: 0, start: 0 }),
  (random) => ({ ...CALM, activation: "tanh", radius: step(random, 0.3, 1, 0.05), input: random.pick([0.1, 0.3, 0.5, 1, 2, 3]) }),
  (random) => ({ ...CALM, activation: "tanh", radius: step(random, 1.1, 2.2, 0.05), input: random.pick([0, 0.1, 0.2, 0.3, 1.5, 2, 2.5, 3]) }),
  (random) => ({ ...CALM, activation: "logistic", radius: step(random, 0.5, 5, 0.25), input: random.pick([0, 0.3, 1, 2]) }),
  (random) => ({ ...CALM, activation: "relu", radius: random.pick([0.4, 0.8, 1, 1.2, 2.4, 3, 4]), input: random.pick([0.3, 1, 2]) }),
  (random) => ({ ...CALM, network: "LSTM", activation: "tanh", radius: step(random, 0.5, 1, 0.05), bias: step(random, -2, 6, 0.25), input: random.pick([0.3, 1, 2]) }),
  (random) => ({ ...CALM, activation: "identity", radius: step(random, 0.3, 1.4, 0.05), nonnormal: step(random, 0.5, 2, 0.5) }),
];

function deal(random) {
  const fate = random.pick(FATES); // each is met as often
  return random.until(() => {
    const setting = random.pick(KINDS)(random);
    const psi = setting.network === "LSTM" ? runLSTM(setting).psi_lstm : runRNN(setting).psi;
    return { setting, ...(outcome(psi) || { text: "" }) };
  }, ({ text }) => text === fate.text);
}

const show = (value, digits = 2) => (value !== 0 && Math.abs(value) < 0.005 ? SelfChecks.format(value, 1) : String(Number(value.toFixed(digits)))).replace("-", "−");
const UNITS = { tanh: "tanh", logistic: "logistic", relu: "ReLU", identity: "linear" };

function asked({ network, radius, activation, input, start, bias, nonnormal }) {
  const signal = input ? `input of size ${show(input)}` : start ? "no input, but a start away from rest" : "no input, and a start at rest";
  return network === "LSTM"
    ? `*An LSTM* with forget bias ${show(bias)}; its update gate is nearly shut, and the matrix behind it has the radius ${show(radius)}; ${signal}.`
    : `*An RNN* with ${UNITS[activation]} units; rad W_{r} = ${show(radius)}, ${nonnormal ? `far from normal (α = ${show(nonnormal)})` : "normal"}; ${signal}.`;
}

// Why, by the step of the list that decides.
function why({ network, radius, activation, input, start, bias, nonnormal }) {
  const steepest = CHECKLIST.slopes[activation][0], { factor, step: at } = checklist({ network, radius, activation, input, start, bias, nonnormal });
  if (at === 1) return `*Step 1.* The gate stands at 1/(1 + e^{${show(-bias)}}) = ${show(1 / (1 + Math.exp(-bias)), 3)}, the matrix adds a little: about ${show(factor, 3)} a step.`;
  if (at === 4) return `*Step 4.* The slope is 1, so in the end each step multiplies by the radius, ${show(radius)}. The matrix is far from normal: there is a hump first.`;
  if (at === 2) return `*Step 2.* Gain × steepest slope = ${show(radius)} × ${show(steepest)} = ${show(radius * steepest)}, below one: it must vanish. Step 3 says how fast: about ${show(factor)} a step.`;
  if (activation === "identity") return `*Step 3.* The slope is 1 everywhere: each step multiplies by the radius, ${show(radius)}.`;
  if (input === 0 && start === 0) return `*Step 3.* At rest the slope is 1: each step multiplies by the radius, ${show(radius)}.`;
  if (activation === "relu") return `*Step 3.* About half of the units are off: 0.6 × ${show(radius)} = ${show(factor)} a step.`;
  if (factor === 1) return `*Step 3.* The gain is above one and the input weak: the units move away from rest until growth stops. The factor settles near 1.`;
  return `*Step 3.* Input and gain push the units to a spread of about ${show(Math.hypot(input, radius), 1)}; there the slope is about ${show(factor / radius)}: ${show(factor)} a step.`;
}

const link = ({ radius, activation, input, start, bias, nonnormal, steps }) =>
  `[see it in the figure](#vanishing?radius=${radius}&nonnormal=${nonnormal}&activation=${activation}&input=${input}&steps=${steps}&start=${start}&bias=${bias})`;

SelfChecks.define("checklist", [{
  id: "deal",
  draw(random) {
    const { setting, text, name, end, after } = deal(random), factor = end ** (1 / BACK);
    const wrong = (fate) => {
      if (fate.text === text) return "";
      if (fate.name === name) return `It ${name}, but not at that pace. Step 5: 4.6 divided by the distance of the factor from one.`;
      if (fate.name === "holds") return "To hold for 99 steps the factor must lie between 0.96 and 1.04.";
      return fate.name === "explodes" ? "To explode it needs a factor above one, step by step." : "To vanish it needs a factor below one, step by step.";
    };
    const measured = name === "holds" ? `after ${BACK} steps its size is × ${show(end)}`
      : end > 0 ? `× ${show(factor)} a step on average; ${name === "vanishes" ? "1 %" : "a hundredfold"} after ${after} steps` : `nothing is left; 1 % after ${after} steps`;
    return {
      kind: "choice",
      ordered: true,
      text: `${asked(setting)}\nAn error enters at the last of ${BACK + 1} steps. What becomes of it on its way back?`,
      options: FATES.map((fate) => ({ text: fate.text, right: fate.text === text, reason: wrong(fate) })),
      because: `${why(setting)} The run: ${measured}; ${link(setting)}.`,
    };
  },
}], { trainer: true });

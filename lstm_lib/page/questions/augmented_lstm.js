// Questions on 07_augmented_lstm. context_window, filtered, ahead_step and parameters are generated.
const show = (value) => SelfChecks.format(value, 3);
const sign = (k) => (k < 0 ? `−${-k}` : `${k}`);
const window_at = (taps, lags, x, n) => context_window.forward({ W_x: taps.map((w) => [[w]]) }, x.map((z) => [z]), { L: lags }).xi[n][0];
const least = (kappa, nu, steps) => {
  const { P } = filtered(kappa, nu);
  let J = 0;
  for (let d = 0; d < steps; d++) ({ J } = ahead_step(J, kappa, nu));
  return { P, J, error: P / (1 + J * P) };
};

SelfChecks.define("augmented_lstm", [
  {
    id: "window",
    draw: (random) => random.until(() => {
      const taps = random.shuffle([1, 2, 3, 4, 5]).slice(0, 3), x = random.shuffle([1, 2, 4, 6, 7, 9]).slice(0, 4);
      const n = random.pick([0, 3]), lags = [-1, 0, 1];
      const at = (order, where) => window_at(order, lags, x, where);
      return {
        kind: "number",
        text: `A window has the taps ${taps.join(", ")} at the lags −1, 0, 1. The whole sequence is x = ${x.join(", ")}. What is ξ[${n}]?`,
        answer: at(taps, n),
        near: [
          { value: at([...taps].reverse(), n), reason: "The lag −1 reads the *next* input, x[n+1]; the sign is the other way round." },
          { value: at(taps, n) + (n ? taps[0] : taps[2]) * x[n], reason: "Outside of the sequence there are zeros; the end is not repeated." },
          { value: taps[1] * x[n], reason: "That is the lag 0 alone. The neighbour inside the sequence is read, too." },
        ],
        because: `ξ[n] is the sum of W[l]·x[n−l], with zeros outside, by [the window](#eq-augmented-window).`,
      };
    }, SelfChecks.clear),
  },
  {
    id: "ahead",
    draw: (random) => random.until(() => {
      const kappa = random.pick([0.8, 0.84, 0.88, 0.9, 0.92, 0.94, 0.96, 0.98]), nu = random.pick([0.5, 0.8, 1, 1.2, 1.5, 2]), { P, J, error } = least(kappa, nu, 1);
      return {
        kind: "number",
        text: `For κ = ${show(kappa)} and ν = ${show(nu)} the least squared error from the past and present is ${show(P)}. What is it if one input more, x[n+1], is seen?`,
        answer: error,
        near: [
          { value: P / (1 + P / nu ** 2), reason: "x[n+1] measures c[n+1], not c[n]: on the way its precision shrinks, from ν^{−2} to J_{1}." },
          { value: P, reason: "It does fall: about c[n] the next input knows something, too." },
          { value: J, reason: "That is the precision that is added; the error is the inverse of the sum." },
          { value: 1 / P + J, reason: "That is the precision of both. The error is its inverse." },
        ],
        because: `J_{1} = κ^{2}/(1 − κ^{2} + ν^{2}) = ${show(J)}, and 1/P_{1} = 1/P + J_{1}, by [precisions add](#eq-augmented-ahead). See [one step in the figure](#look_ahead?ahead=1&memory=${kappa}&noise=${nu}).`,
      };
    }, SelfChecks.clear),
  },
  {
    id: "delay",
    draw: (random) => random.until(() => {
      const count = random.integer(3, 11), first = random.integer(-4, 2), delay = first + (count - 1) / 2;
      return {
        kind: "number", unit: "steps", tolerance: 0.01,
        text: `A window averages over ${count} lags, the first is ${sign(first)}. By how many steps does it delay every frequency? (Early is negative.)`,
        answer: delay,
        near: [
          { value: (count - 1) / 2, reason: "That would be with the first lag at 0." },
          { value: count / 2 + first, reason: "The middle of the lags is first + (count − 1)/2." },
          { value: first + count - 1, reason: "That is the last lag; the delay is the middle one." },
          { value: -delay, reason: "A positive lag reads the past, so it delays." },
        ],
        because: `Equal taps are symmetric about the middle lag, ${sign(first)} + ${(count - 1) / 2} = ${show(delay)}. [See the figure](#window?shape=average&first=${first}&count=${count}).`,
      };
    }, (q) => Math.abs(q.answer) >= 0.5 && SelfChecks.clear(q)),
  },
  {
    id: "zero",
    draw(random) {
      const cases = [
        { when: "the external gate is shut, g_{cx}[n] = 0", error: "ε_{du}[n], which reaches the window of the update", by: "ε_{du} = α_{du} ⊙ g_{cx}" },
        { when: "the window of the update gives nothing, ξ_{du}[n] = 0", error: "α_{cx}[n], from which the external gate learns", by: "α_{cx} = α_{du} ⊙ ξ_{du} ⊙ G_{c}′(a_{cx})" },
        { when: "the old state is zero, s[n−1] = 0", error: "α_{cs}[n], from which the state gate learns", by: "α_{cs} = ψ ⊙ s[n−1] ⊙ G_{c}′(a_{cs})" },
      ];
      const at = random.pick(cases);
      return {
        kind: "choice",
        text: `At step n ${at.when}. Which error is zero there, whatever the weights and the loss?`,
        options: cases.map((one) => ({ text: one.error, right: one === at, reason: one === at ? "" : `It is zero if ${one.when.replace(/^the /, "the ")}: ${one.by}.` })),
        because: `${at.by}, by [the backward pass](#eq-augmented-backward).`,
      };
    },
  },
  {
    id: "saved",
    draw: (random) => random.until(() => {
      const d_s = random.pick([20, 40, 60, 100, 200]), d_v = d_s / random.pick([2, 4, 5, 10]), d_x = random.pick([10, 40]);
      const count = parameters(d_x, d_s, d_v), saved = count.none_without - count.none_with;
      return {
        kind: "number",
        text: `An Augmented LSTM with an external gate has d_{x} = ${d_x}, d_{s} = ${d_s}, and no peepholes. How many parameters does a projection to d_{v} = ${d_v} save?`,
        answer: saved, tolerance: 0.5,
        near: [
          { value: 5 * d_s * (d_s - d_v), reason: "The projection itself, W_{qdr}, costs d_{v}·d_{s}." },
          { value: 4 * d_s ** 2 - 5 * d_s * d_v, reason: "With an external gate five net inputs hear the value, not four." },
          { value: count.none_with, reason: "That is what the projected cell has." },
          { value: 6 * d_s * d_v, reason: "That is what the W_{v∗} and W_{qdr} have now." },
        ],
        because: `Five matrices of ${d_s}·${d_s} become five of ${d_s}·${d_v} and one of ${d_v}·${d_s}: 5·${d_s}^{2} − 6·${d_s}·${d_v} = ${saved}. The input does not matter.`,
      };
    }, SelfChecks.clear),
  },
  {
    id: "floor",
    draw: (random) => random.until(() => {
      const mu = random.shuffle([3.2, 2.4, 1.7, 1.1, 0.8, 0.5, 0.3, 0.2]).slice(0, 4).sort((a, b) => b - a), d_v = random.integer(1, 3);
      const sum = (part) => part.reduce((total, z) => total + z, 0);
      return {
        kind: "number",
        text: `The target has four components; the variances of its principal components are ${mu.map(show).join(", ")}. The value has d_{v} = ${d_v}. Below which mean squared distance does no linear read-out get?`,
        answer: sum(mu.slice(d_v)),
        near: [
          { value: sum(mu.slice(0, d_v)), reason: "These the value can say. What is left over is the floor." },
          { value: sum(mu), reason: "That is with no value at all." },
          { value: sum(mu.slice(d_v)) / 4, reason: "The squared distance is a sum over the components, not a mean." },
        ],
        because: `All but the ${d_v} largest: ${mu.slice(d_v).map(show).join(" + ")} = ${show(sum(mu.slice(d_v)))}, by [the floor](#eq-augmented-floor).`,
      };
    }, SelfChecks.clear),
  },
]);

// Every stage in training, seed by seed: SEEDS, what was measured, comes from models.seeds().
const NAMES = Object.keys(SEEDS);

function compute({ task, stage, seed }) {
  const errors = NAMES.map((name) => SEEDS[name][task].error);
  return { errors, curves: SEEDS[stage][task].curve, seed, column: NAMES.indexOf(stage) };
}

const y = [5e-4, 5];
const over = (curve) => curve.map((error, k) => [40 * k + 20, error]);

LiveFigures.define("seeds", {
  compute,
  legend: [
    { style: "blue pale", mark: "dot", label: "a seed" },
    { style: "orange diamond", mark: "both", label: "the seed chosen" },
    { style: "muted thin dash", mark: "line", label: "always answer 0" },
  ],
  panels: [
    {
      label: "Error of the last hundred batches, a dot for each seed and a column for each stage",
      height: 185,
      flex: "1 1 300px",
      axes: () => ({
        x: [-0.6, NAMES.length - 0.4], y, logY: true, xNames: NAMES.map((name, k) => (name === "held" ? "5*" : k)),
        xLabel: "stage  (5*: state gate held at 1)", yLabel: "error of the answers", title: "Twenty seeds at each stage",
      }),
      draw(chart, { errors, seed, column }) {
        chart.rect(column - 0.45, column + 0.45, ...y, "lf-stable");
        chart.path([[-0.6, 1 / 3], [NAMES.length - 0.4, 1 / 3]], "muted thin dash");
        columns(chart, errors, seed);
      },
    },
    {
      label: "Error over the batches of training at the stage chosen, a curve for each seed",
      height: 185,
      flex: "1 1 300px",
      axes: (data, { stage }) => ({ x: [0, 415], y, logY: true, xLabel: "batch", yLabel: "error of the answers", title: stage === "held" ? "Stage 5, state gate held" : `Stage ${NAMES.indexOf(stage)} in training` }),
      draw(chart, { curves, seed }) {
        chart.path([[0, 1 / 3], [400, 1 / 3]], "muted thin dash");
        for (const curve of curves) chart.path(over(curve), "blue thin pale");
        chart.path(over(curves[seed]), "orange");
      },
    },
  ],
  describe({ errors, column, seed }) {
    const show = (value) => LiveFigures.format(value, 3), all = errors[column];
    return `Twenty seeds end at ${show(middle(all))} in the median, from ${show(Math.min(...all))} to ${show(Math.max(...all))}; ` +
      `seed ${seed} ends at ${show(all[seed])}. Always answering 0 costs 0.333.`;
  },
});

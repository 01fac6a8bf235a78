// The same input, the same error: an RNN and an LSTM; see shared.js for the networks.
const compute = (values) => both({ ...values, nonnormal: 1.5, activation: "tanh", input: 0.3, start: 1 });
const range = ({ psi, psi_lstm }) => LiveFigures.decades([...psi, ...psi_lstm], FLOORS, TOPS);

LiveFigures.define("vanishing_teaser", {
  compute,
  legend: [
    { style: "orange", mark: "line", label: "RNN" },
    { style: "blue dash", mark: "line", label: "LSTM" },
  ],
  panels: [
    {
      label: "Size of the error signal over steps, logarithmic: RNN and LSTM",
      height: 270,
      axes: (data, { steps }) => ({
        x: [0, steps - 1], y: range(data), logY: true, xLabel: "step n  (← the error travels left)",
        yLabel: "size of the error ‖ψ[n]‖",
      }),
      draw(chart, data, { steps }) {
        const limits = range(data), points = (sizes) => LiveFigures.within(LiveFigures.steps(sizes), limits);
        chart.path([[0, 1], [steps - 1, 1]], "muted thin");
        chart.path(points(data.psi_lstm), "blue dash");
        chart.path(points(data.psi), "orange");
        tag(chart, data.psi_lstm, limits, "LSTM", "blue");
        tag(chart, data.psi, limits, "RNN", "orange");
      },
    },
  ],
  describe: ({ psi, psi_lstm }) => `RNN: ${words(psi)}. LSTM: ${words(psi_lstm)}.`,
});

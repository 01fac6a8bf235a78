// The carousel's share of the error, of one hop and of the whole way; see shared.js.
function compute({ b_cs, others, steps }) {
  const { psi, hop, part } = ways({ b_cs, b_cr: 0, peep: others, recurrent: others, steps });
  return { psi, hop: hop.s.slice(0, -1), stayed: part.alone };
}
const hundred = (z) => LiveFigures.steps(z).map(([n, share]) => [n, 100 * share]);

LiveFigures.define("vanilla_hops", {
  compute,
  legend: [
    { style: "orange dash", mark: "line", label: "of a single hop, from step n+1 to n" },
    { style: "blue", mark: "both", label: "of the whole way, from the last step to n" },
  ],
  panels: [
    {
      label: "The carousel's share of the error, of a single hop and of the whole way, by step",
      height: 230,
      axes: ({ psi }) => ({
        x: [-0.5, psi.length - 0.5], y: [-2, 102], yLabel: "carousel's share (%)",
        xLabel: "step n  (← the error travels left)",
      }),
      draw(chart, { hop, stayed }) {
        chart.path(hundred(hop), "orange dash");
        chart.path(hundred(stayed), "blue");
        chart.dots(hundred(stayed), "blue", 3);
      },
    },
  ],
  describe: ({ psi, hop, stayed }) =>
    `Carousel: ${percent(mean(hop))} of a hop, ${percent(stayed[0])} of all ${psi.length - 1}. The error ${grown(psi)}.`,
});

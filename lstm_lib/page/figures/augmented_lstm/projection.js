// How many parameters a cell has with a value of d_v components; `parameters` is generated.
const count = (d_x, d_s, d_v, peepholes) => parameters(d_x, d_s, d_v)[`${peepholes}_with`];

function compute({ d_x, d_s, d_v, peepholes }) {
  const width = Math.min(d_v, d_s), without = parameters(d_x, d_s, d_s)[`${peepholes}_without`];
  const curve = [];
  for (let v = 1; v <= d_s; v++) curve.push([v, count(d_x, d_s, v, peepholes)]);
  let even = 0; // the widest value that still saves
  for (const [v, k] of curve) if (k < without) even = v;
  let twin = 1; // the widest state without projection that has no more parameters
  while (parameters(d_x, twin + 1, twin + 1)[`${peepholes}_without`] <= count(d_x, d_s, width, peepholes)) twin++;
  return { width, without, curve, even, twin, now: count(d_x, d_s, width, peepholes) };
}

LiveFigures.define("projection", {
  compute,
  legend: [
    { style: "blue", mark: "line", label: "with projection to d_v" },
    { style: "orange dash", mark: "line", label: "without" },
  ],
  panels: [
    {
      label: "Number of parameters over the width of the value",
      height: 250,
      axes({ curve, without }, { d_s }) {
        const most = Math.max(without, curve[curve.length - 1][1]);
        return { x: [0, d_s], y: [0, (1.08 * most) / 1000], xLabel: "width d_v of the value", yLabel: "thousands of parameters" };
      },
      draw(chart, { curve, without, now, width }, { d_s }) {
        chart.path([[0, without / 1000], [d_s, without / 1000]], "orange dash");
        chart.path(curve.map(([v, k]) => [v, k / 1000]), "blue");
        chart.dots([[width, now / 1000]], "blue", 5);
      },
    },
  ],
  describe({ width, without, even, twin, now }, { d_s, d_v }) {
    const cut = d_v > d_s ? `A value cannot be wider than the state: d_v = ${width}. ` : "";
    const saves = even ? `It saves parameters up to d_v = ${even}.` : "It never saves parameters here.";
    return `${cut}${now} parameters with the projection, ${without} without. ${saves} ` +
      `Without it the same number pays for a state of ${twin} in place of ${d_s}.`;
  },
});

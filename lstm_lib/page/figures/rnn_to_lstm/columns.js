// Dots side by side in columns, one for each seed; the seed in question is large, each says which it is.
function columns(chart, all, seed) {
  const near = (k) => 0.5 * (((k * 0.618034) % 1) - 0.5);
  all.forEach((values, column) => {
    const rows = values.map((value, k) => [column + near(k), value, `seed ${k}: ${LiveFigures.format(value, 4)}`]);
    chart.dots(rows.filter((_, k) => k !== seed), "blue pale", 3.5);
    chart.dots([rows[seed]], "orange diamond", 5);
  });
}
const middle = (values) => [...values].sort((a, b) => a - b).slice(values.length / 2 - 1, values.length / 2 + 1).reduce((a, b) => a + b) / 2;

// What the figures of this folder feed into their cells.
// The same noise for every position of the sliders, between -1 and 1.
const noise = (n) => (2 * ((n * 0.6180339887498949 + 0.35 * Math.sin(n * n)) % 1 + 1)) % 2 - 1;

// What a mark adds to the net input of a gate: it opens.
const OPENS = 10;

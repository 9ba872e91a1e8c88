// view.js: what is being looked at, and who must be told when that changes; colours. Start at change().

const view = { layer: 0, step: 0, unit: 0, part: null, tint: null, belt: 0, order: 'number', allLines: false, language: 'en', theme: null };
const painters = []; // each gets the set of what changed

function change(changes) {
  const changed = new Set();
  for (const [key, value] of Object.entries(changes)) {
    if (view[key] !== value) changed.add(key);
    view[key] = value;
  }
  if (changed.size) for (const paint of painters) paint(changed);
}

const element = id => document.getElementById(id);
const layerNow = () => report.layers[view.layer];
const backwards = () => report.text.direction === 'rtl'; // time runs from the right

function any(changed, ...keys) { return keys.some(key => changed.has(key)); }

function goTo(step) { change({ step: Math.max(0, Math.min(report.steps - 1, step)) }); }

// ---- colours: the theme's, so that page and pictures agree ----

let palette = {};

function readPalette() {
  const style = getComputedStyle(document.documentElement);
  const colour = name => style.getPropertyValue(name).trim();
  palette = { ink: colour('--ink'), muted: colour('--muted'), background: colour('--background'), highlight: colour('--highlight') };
  palette.heat = [0, 1, 2, 3, 4].map(i => rgb(colour('--heat-' + i)));
  palette.balance = [0, 1, 2, 3, 4].map(i => rgb(colour('--balance-' + i)));
  palette.series = [0, 1, 2, 3, 4, 5, 6, 7].map(i => colour('--series-' + i));
}

function rgb(hex) { return [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16)); }

function along(colours, t) {
  const place = Math.max(0, Math.min(1, t)) * (colours.length - 1);
  const i = Math.min(colours.length - 2, Math.floor(place)), share = place - i;
  return colours[i].map((c, k) => Math.round(c + share * (colours[i + 1][k] - c)));
}

const css = colour => `rgb(${colour.join(' ')})`;

/// -1 … 1: strong, for lines and heat maps.
const signed = v => along(palette.balance, (v + 1) / 2);
/// -1 … 1: soft, as a ground on which ink can be read.
const soft = v => along(palette.balance.slice(1, 4), (v + 1) / 2);
/// 0 … 1
const heat = v => along(palette.heat, v);

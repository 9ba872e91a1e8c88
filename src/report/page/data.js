// data.js: the numbers, unpacked (report/packed.h has the form), and how they are written. Start at unpack()
// and numberOf(). Nothing here knows an equation: a value is looked up.

let report = null; // what report.cpp wrote, with array(id)

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text.trim()), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  const all = new Uint8Array(await new Response(stream).arrayBuffer());
  const length = new DataView(all.buffer).getUint32(0, true);
  const data = JSON.parse(new TextDecoder().decode(all.subarray(4, 4 + length)));
  let at = 4 + length;
  const places = data.arrays.map(([width, count, ...factors]) => {
    const place = { width, count, at, factors: factors.length ? factors : null };
    at += width * count;
    return place;
  });
  const made = new Map();
  data.array = id => {
    if (!made.has(id)) made.set(id, places[id].factors ? productOf(data, places[id]) : numbersIn(all, places[id]));
    return made.get(id);
  };
  return data;
}

/// An array that is kept as the two whose product it is, to the bit (report/packed.h).
function productOf(data, { count, factors }) {
  const [[a, lagA], [b, lagB]] = factors.map(([array, lag]) => [data.array(array), lag]);
  return Float32Array.from({ length: count }, (_, i) => Math.fround((i < lagA ? 0 : a[i - lagA]) * (i < lagB ? 0 : b[i - lagB])));
}

/// Planes of bytes, the most significant first.
function numbersIn(all, { width, count, at }) {
  const plane = k => all.subarray(at + k * count, at + (k + 1) * count);
  if (width === 1) return plane(0);
  const out = new Float32Array(count);
  if (width === 4) {
    const bits = new Uint32Array(out.buffer), [a, b, c, d] = [0, 1, 2, 3].map(plane);
    for (let i = 0; i < count; ++i) bits[i] = ((a[i] << 24) | (b[i] << 16) | (c[i] << 8) | d[i]) >>> 0;
    return out;
  }
  const [high, low] = [0, 1].map(plane);
  for (let i = 0; i < count; ++i) out[i] = ofHalf((high[i] << 8) | low[i]);
  return out;
}

function ofHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + mantissa / 1024) : 2 ** -14 * (mantissa / 1024));
}

/// Of value `index` of the layer, at a step (from 0) and unit; null where there is none.
function numberOf(layer, index, step, unit) {
  const v = layer.values[index];
  const k = v.size === 1 ? 0 : unit;
  if (k >= v.size || step < 0 || step >= report.steps) return null;
  const a = report.array(v.array);
  if (v.fixed) return a[k];
  const s = step - (v.lag || 0);
  if (s >= 0) return a[s * v.size + k];
  const start = v.starts[step];
  return start[start.length === 1 ? 0 : k];
}

/// The largest size that a value reaches over the text in this unit.
const reachKnown = new Map();
function reachOf(layer, index, unit) {
  const key = `${layer.name} ${index} ${unit}`;
  if (!reachKnown.has(key)) {
    let most = 0;
    for (let t = 0; t < report.steps; ++t) most = Math.max(most, Math.abs(numberOf(layer, index, t, unit)) || 0);
    reachKnown.set(key, most);
  }
  return reachKnown.get(key);
}

const minus = text => text.replace('-', '−');

/// Four decimals of what the run recorded, three digits of the rest.
function written(value, exact = true) {
  if (value === null) return '–';
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e5)) return minus(value.toExponential(exact ? 3 : 2));
  return minus(exact ? value.toFixed(4) : String(+value.toPrecision(3)));
}

/// Short enough for a bead.
function short(value) {
  if (value === null) return '';
  if (!Number.isFinite(value)) return written(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 5e-4 || size >= 1e4)) return minus(value.toExponential(0));
  return minus(size < 10 ? value.toFixed(3) : value.toPrecision(4));
}

function numberHtml(value, exact = true, className = '') {
  return `<span class="num ${className}" dir="ltr" data-value="${value}">${written(value, exact)}</span>`;
}

function percent(p) {
  if (p < 1e-4) return '< 0.01';
  return (100 * p).toFixed(p >= 0.0995 ? 0 : p >= 0.00995 ? 1 : 2);
}

const pieceAt = t => report.pieces[report.tokens[t]];

// main.js: the page comes to life: words, choices, keys. Start at begin() at the end.

function say() {
  const words = WORDS[view.language];
  document.documentElement.lang = view.language;
  document.documentElement.dir = words.direction;
  for (const e of document.querySelectorAll('[data-word]')) if (e.id !== 'play') e.textContent = words[e.dataset.word];
  for (const e of document.querySelectorAll('[data-label]')) e.setAttribute('aria-label', words[e.dataset.label]);
  element('model').textContent = report.model;
  document.title = `${words.title} ${report.model} · cellwright`;
  element('about').innerHTML = report.steps < report.of ? word('aboutPart', apart(report.description, 'ltr'), report.steps, report.of) : word('about', apart(report.description, 'ltr'), report.steps);
  element('language').textContent = words.other;
  element('language').lang = words.otherCode;
  element('theme').textContent = view.theme === 'light' ? words.dark : words.light;
  element('play').textContent = playing ? words.pause : words.play;
  element('keys').innerHTML = words.keys.map(k => `<li>${escaped(k)}</li>`).join('');
  fillTints();
}

function fillTints() {
  const layer = layerNow(), option = (value, text) => `<option value="${escaped(value)}">${escaped(text)}</option>`;
  const all = layer.lines.map(l => ['line:' + l.name, word('tintLine', l.name, view.unit)]);
  if (layer.belts.length) all.push(['ledger', word('tintLedger', '', view.unit)]);
  if (report.gradients && curvesNow().length) all.push(['gradient', word('tintGradient')]);
  if (report.steps > 1) all.push(['surprise', word('tintSurprise')]);
  element('tint').innerHTML = all.map(([value, text]) => option(value, text)).join('');
  element('tint').value = view.tint;
}

function paintBar() {
  const piece = apart(quoted(pieceAt(view.step)));
  element('now').innerHTML = word('now', view.step + 1, report.steps, piece);
  const slider = element('step');
  slider.value = view.step;
  element('time').dir = report.text.direction;
  slider.setAttribute('aria-valuetext', word('stepValue', view.step + 1, report.steps, quoted(pieceAt(view.step))));
  element('unit').value = view.unit;
  element('status').textContent = statusText();
}

function statusText() {
  const layer = layerNow();
  const numbers = layer.lines.map(l => `${l.name} ${written(numberOf(layer, l.value, view.step, view.unit))}`).join(', ');
  const next = predictionsAt(view.step).list.slice(0, 3).map(e => `${quoted(report.pieces[e.token])} ${percent(e.probability)} %`).join(', ');
  return word('status', view.step + 1, quoted(pieceAt(view.step)), view.unit, numbers, next);
}

/// What every layer can show of what is asked for.
function settle(layer) {
  const { units, lines, belts, parts, gates, horizons } = report.layers[layer];
  const tints = [...lines.map(l => 'line:' + l.name), ...(belts.length ? ['ledger'] : []),
    ...(report.gradients?.curves.some(c => c.layer === layer) ? ['gradient'] : []), ...(report.steps > 1 ? ['surprise'] : [])];
  const [kind, name] = view.order.split(':');
  const belt = longestBelt(report.layers[layer]), state = belts[belt]?.state ?? lines[lines.length - 1].name;
  const part = Object.keys(parts).find(id => parts[id].name === state && parts[id].equation !== undefined) ?? Object.keys(parts)[0];
  return {
    layer, unit: Math.min(view.unit, units - 1), belt,
    tint: tints.includes(view.tint) ? view.tint : 'line:' + state,
    part: parts[view.part] ? view.part : part,
    order: (kind === 'horizon' && horizons[name]) || (kind === 'saturation' && gates[name]) ? view.order : 'number',
  };
}

let playing = null;
function play(on) {
  clearInterval(playing);
  playing = on ? setInterval(() => view.step + 1 < report.steps ? goTo(view.step + 1) : play(false), 400) : null;
  element('play').textContent = WORDS[view.language][on ? 'pause' : 'play'];
  element('play').setAttribute('aria-pressed', on);
}

function onKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const at = event.target, kind = at.type;
  if (at.tagName === 'SELECT' || kind === 'number') return;
  const presses = at.closest('button, [role=button], a, input[type=checkbox]');
  const forward = backwards() ? 'ArrowLeft' : 'ArrowRight', back = backwards() ? 'ArrowRight' : 'ArrowLeft';
  const moves = { [forward]: 1, [back]: -1 };
  if (at.id === 'diagram' && event.shiftKey && event.key in moves) at.scrollLeft += event.key === 'ArrowRight' ? 80 : -80;
  else if (event.key in moves) goTo(view.step + moves[event.key]);
  else if (event.key === 'Home') goTo(0);
  else if (event.key === 'End') goTo(report.steps - 1);
  else if (event.key === ' ' && !presses) goTo(view.step + (event.shiftKey ? -1 : 1));
  else if ((event.key === 'ArrowUp' || event.key === 'ArrowDown') && (kind !== 'range')) {
    const row = order.indexOf(view.unit) + (event.key === 'ArrowUp' ? -1 : 1);
    if (row >= 0 && row < order.length) change({ unit: order[row] });
  } else return;
  event.preventDefault();
}

function listen() {
  const on = (id, event, act) => element(id).addEventListener(event, act);
  on('back', 'click', () => goTo(view.step - 1));
  on('forward', 'click', () => goTo(view.step + 1));
  on('play', 'click', () => play(!playing));
  on('step', 'input', () => goTo(+element('step').value));
  on('unit', 'change', () => change({ unit: Math.max(0, Math.min(layerNow().units - 1, Math.round(+element('unit').value) || 0)) }));
  on('layer', 'change', () => change(settle(+element('layer').value)));
  on('tint', 'change', () => change({ tint: element('tint').value }));
  on('belt', 'change', () => change({ belt: +element('belt').value }));
  on('order', 'change', () => change({ order: element('order').value }));
  on('all-lines', 'change', () => change({ allLines: element('all-lines').checked }));
  on('language', 'click', () => change({ language: WORDS[view.language].otherCode }));
  on('theme', 'click', () => change({ theme: view.theme === 'light' ? 'dark' : 'light' }));
  on('strip', 'click', event => {
    const box = element('strip').getBoundingClientRect(), part = layerNow().parts[view.part];
    change({ unit: Math.min(layerNow().units - 1, Math.floor((event.clientX - box.left) / box.width * layerNow().values[part.value].size)) });
  });
  on('ledger', 'click', event => {
    const go = event.target.closest('[data-go]');
    if (go) goTo(+go.dataset.go);
  });
  document.addEventListener('keydown', onKey);
  new ResizeObserver(() => change({ width: element('main').clientWidth })).observe(element('main'));
}

// First of all painters: the theme, the words.
painters.unshift(changed => {
  if (changed.has('theme')) {
    document.documentElement.dataset.theme = view.theme;
    readPalette();
  }
  if (any(changed, 'report', 'language', 'theme', 'layer', 'unit')) say();
  if (any(changed, 'report', 'layer')) {
    element('layer').innerHTML = report.layers.map((l, i) => `<option value="${i}">${i}: ${escaped(l.cell)}</option>`).join('');
    element('layer').value = view.layer;
    element('layer-label').hidden = report.layers.length < 2;
    element('unit').max = layerNow().units - 1;
    element('step').max = report.steps - 1;
  }
  if (any(changed, 'report', 'language', 'step', 'unit', 'layer')) paintBar();
});

async function begin() {
  report = await unpack(element('data').textContent);
  element('data').textContent = '';
  const dark = window.matchMedia?.('(prefers-color-scheme: dark)').matches;
  view.language = document.documentElement.lang;
  const first = settle(0);
  first.unit = liveliest(report.layers[0]);
  first.step = Math.min(report.steps - 1, Math.floor(report.steps / 3));
  listen();
  change({ ...first, theme: dark ? 'dark' : 'light', report: true });
  document.documentElement.dataset.theme = view.theme;
  document.documentElement.dataset.ready = 'yes';
}

/// The belt that remembers longest: with zoneout every state is carried on a little.
function longestBelt(layer) {
  const reach = layer.belts.map(b => layer.horizons[b.state].reduce((sum, h) => sum + Math.min(h ?? 1e4, 1e4), 0));
  return Math.max(0, reach.indexOf(Math.max(...reach)));
}

/// The unit to begin with: one whose state swings to and fro, widely and seldom: it seems to follow something.
function liveliest(layer) {
  const line = layer.lines.find(l => l.name === layer.belts[longestBelt(layer)]?.state) ?? layer.lines[layer.lines.length - 1];
  let best = 0, most = -1;
  for (let k = 0; k < layer.units; ++k) {
    const values = Array.from({ length: report.steps }, (_, t) => numberOf(layer, line.value, t, k));
    const low = Math.min(...values), high = Math.max(...values), middle = (low + high) / 2;
    let way = 0, crossings = 0;
    for (let t = 1; t < values.length; ++t) {
      way += Math.abs(values[t] - values[t - 1]);
      crossings += (values[t] > middle) !== (values[t - 1] > middle);
    }
    const swings = Math.min(crossings, report.steps / 12);
    const score = (high - low) / Math.max(1e-9, way) * swings * Math.min(1, high - low);
    if (score > most) [best, most] = [k, score];
  }
  return best;
}

begin().catch(error => {
  element('status').textContent = `This browser cannot show the report (${error.message}). It needs DecompressionStream: Chrome 80, Firefox 113, Safari 16.4 or newer.`;
  element('status').className = 'failed';
});

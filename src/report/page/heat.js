// heat.js: lines of the cell as heat maps over the text, units by steps. Start at paintMaps(). The numbers of the
// chosen unit and step stand in each map's name and caption, and in the table beside the diagram.

/// Units in the order asked for.
let order = [];

function sortUnits() {
  const layer = layerNow(), [kind, name] = view.order.split(':');
  order = Array.from({ length: layer.units }, (_, k) => k);
  const by = key => order.sort((a, b) => key(b) - key(a) || a - b);
  if (kind === 'horizon') by(k => layer.horizons[name][k] ?? Infinity);
  if (kind === 'saturation') by(k => layer.gates[name].shut[k] + layer.gates[name].open[k]);
}

const shownLines = () => layerNow().lines.filter(l => layerNow().values[l.value].size === layerNow().units && (l.gate || view.allLines || !layerNow().lines.some(other => other.gate)));

let maps = []; // {line, canvas, caption, picture}

function buildMaps() {
  element('maps').textContent = '';
  maps = shownLines().map(line => {
    const figure = document.createElement('figure'), canvas = document.createElement('canvas'), caption = document.createElement('figcaption');
    canvas.setAttribute('role', 'img');
    figure.append(caption, canvas);
    element('maps').append(figure);
    const map = { line, canvas, caption, picture: null };
    canvas.addEventListener('click', event => {
      const box = canvas.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width, y = (event.clientY - box.top) / box.height;
      const unit = order[Math.min(order.length - 1, Math.floor(y * order.length))];
      change({ unit });
      goTo(Math.floor((backwards() ? 1 - x : x) * report.steps));
    });
    return map;
  });
}

/// One pixel a number; the browser enlarges it.
function drawPicture(map) {
  const layer = layerNow(), T = report.steps, picture = document.createElement('canvas');
  picture.width = T;
  picture.height = order.length;
  const pen = picture.getContext('2d'), image = pen.createImageData(T, order.length);
  const values = report.array(layer.values[map.line.value].array), size = layer.values[map.line.value].size;
  let most = 1;
  if (!map.line.gate) most = Math.max(1e-9, values.reduce((m, v) => Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m, 0));
  order.forEach((unit, row) => {
    for (let t = 0; t < T; ++t) {
      const v = values[t * size + unit];
      const colour = !Number.isFinite(v) ? [255, 0, 255] : map.line.gate ? heat(v) : signed(v / most);
      image.data.set([...colour, 255], 4 * (row * T + (backwards() ? T - 1 - t : t)));
    }
  });
  pen.putImageData(image, 0, 0);
  map.picture = picture;
  map.most = most;
}

function drawMap(map) {
  const { canvas } = map, dots = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  canvas.width = width * dots;
  canvas.height = height * dots;
  const pen = canvas.getContext('2d');
  pen.scale(dots, dots);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(map.picture, 0, 0, width, height);
  const each = width / report.steps, tall = height / order.length;
  const column = backwards() ? report.steps - 1 - view.step : view.step, row = order.indexOf(view.unit);
  const x = column * each, y = row * tall;
  // Dark and bright, so that it shows on every colour.
  for (const [colour, grow] of [['#000', 2], ['#fff', 0.75]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = grow;
    pen.strokeRect(x - 0.5, -2, Math.max(each, 3) + 1, height + 4);
    if (row >= 0) pen.strokeRect(-2, y - 0.5, width + 4, Math.max(tall, 3) + 1);
  }
}

function nameMap(map) {
  const layer = layerNow(), name = map.line.name;
  const v = numberOf(layer, map.line.value, view.step, view.unit), gate = layer.gates[name];
  const more = [];
  if (gate) more.push(word('mapShut', Math.round(100 * gate.shut[view.unit]), Math.round(100 * gate.open[view.unit])));
  for (const belt of layer.belts) {
    const horizon = layer.horizons[belt.state][view.unit];
    if (belt.coefficient.text === name) more.push(word('mapHorizon', horizon === null ? word('forever') : horizon < 100 ? horizon.toFixed(1) : Math.round(horizon)));
  }
  const ends = map.line.gate ? [0, 1] : [-map.most, map.most];
  const ramp = (map.line.gate ? [0, 0.25, 0.5, 0.75, 1].map(t => css(heat(t))) : [-1, -0.5, 0, 0.5, 1].map(t => css(signed(t)))).join(',');
  map.caption.innerHTML = `<strong class="math"><bdi dir="ltr">${mathHtml(name)}</bdi></strong> <span>${word('mapCaption', view.unit, numberHtml(v))}</span>` +
    `<span class="quiet">${more.join(' · ')}</span><span class="scale" dir="ltr" aria-hidden="true">${short(ends[0])}<span class="ramp" style="background:linear-gradient(to right, ${ramp})"></span>${short(ends[1])}</span>`;
  map.canvas.setAttribute('aria-label', word('mapName', name, order.length, report.steps, view.unit, view.step + 1, written(v)));
}

function fillOrders() {
  const layer = layerNow(), option = (value, text) => `<option value="${escaped(value)}">${escaped(text)}</option>`;
  element('order').innerHTML = option('number', word('byNumber')) +
    Object.keys(layer.horizons).map(s => option('horizon:' + s, word('byHorizon', s))).join('') +
    Object.keys(layer.gates).filter(g => layer.gates[g].mean.length === layer.units).map(g => option('saturation:' + g, word('bySaturation', g))).join('');
  element('order').value = view.order;
}

painters.push(changed => {
  if (any(changed, 'report', 'layer', 'language')) fillOrders();
  if (any(changed, 'report', 'layer', 'order')) sortUnits();
  if (any(changed, 'report', 'layer', 'allLines')) buildMaps();
  if (any(changed, 'report', 'layer', 'allLines', 'order', 'theme')) maps.forEach(drawPicture);
  if (any(changed, 'report', 'layer', 'allLines', 'order', 'theme', 'step', 'unit', 'width')) maps.forEach(drawMap);
  if (any(changed, 'report', 'layer', 'allLines', 'theme', 'step', 'unit', 'language')) maps.forEach(nameMap);
});

// equation.js: what is said of the chosen node: its equation with the numbers of the step and unit put in, all
// units of it, and a table of all lines. The stages come from the cell's text (language/worked_equation.h);
// here a number is only looked up. Start at paintEquation().

/// Names in italics, their index below, functions upright.
function mathHtml(text) {
  const functions = /^(tanh|sigmoid|relu|exp|log|log_sigmoid|softplus|sqrt|square|abs|max|min|hard_sigmoid\w*|softsign|elu|identity|layernorm|rmsnorm|sum|mean|softmax|dot|split|every|normal|bernoulli|t|σ)$/;
  return escaped(text).replace(/&\w+;|[\p{L}][\p{L}\p{M}\p{N}_'’]*/gu, name => {
    if (name.startsWith('&') || functions.test(name)) return name;
    const at = name.indexOf('_');
    return at > 0 ? `<i>${name.slice(0, at)}</i><sub>${name.slice(at + 1)}</sub>` : `<i>${name}</i>`;
  });
}

function stageHtml(layer, stage, chosen) {
  return stage.map((piece, i) => {
    if (typeof piece === 'string') return mathHtml(piece);
    const v = numberOf(layer, piece, view.step, view.unit), exact = layer.values[piece].exact;
    const number = numberHtml(v, exact, piece === chosen ? 'chosen' : '');
    const before = typeof stage[i - 1] === 'string' ? stage[i - 1] : '';
    return v < 0 && /[+\-⊙/·*]\s*$/.test(before) ? `(${number})` : number;
  }).join('');
}

function paintEquation() {
  const layer = layerNow(), part = layer.parts[view.part];
  const name = `<bdi dir="ltr" class="math">${mathHtml(part.kind === 'constant' ? part.title : calledPart(part))}</bdi>`;
  element('part').innerHTML = word('partTitle', name, view.step + 1, view.unit);
  const box = element('equation');
  const v = part.value === undefined ? null : numberOf(layer, part.value, view.step, view.unit);
  if (part.kind === 'input' && view.layer === 0) {
    box.innerHTML = `<p>${word('inputSays', apart(quoted(pieceAt(view.step))))}</p>`;
  } else if (part.kind === 'previous') {
    box.innerHTML = `<p>${word(view.step === 0 ? 'startSays' : 'previousSays', name, numberHtml(v))}</p>`;
  } else if (part.equation === undefined) {
    box.innerHTML = v === null ? `<p>${word('noNumber')}</p>` : `<p class="math" dir="ltr">${name} = ${numberHtml(v, layer.values[part.value].exact, 'chosen')}</p>`;
  } else {
    const e = layer.equations[part.equation];
    const rows = e.stages.map((stage, i) => `<tr><td class="math">${i === 0 ? mathHtml(e.names.join(', ')) : ''}</td><td class="math">= ${stageHtml(layer, stage, part.value)}</td></tr>`);
    box.innerHTML = `<table class="stages" role="presentation" dir="ltr">${rows.join('')}</table><p class="hint">${word('line', e.line)}</p>`;
  }
  paintStrip(layer, part);
}

/// All units of the part at this step, a bar each.
function paintStrip(layer, part) {
  const canvas = element('strip'), says = element('strip-says');
  const size = part.value === undefined ? 0 : layer.values[part.value].size;
  canvas.hidden = says.hidden = size < 2;
  if (size < 2) return;
  const values = Array.from({ length: size }, (_, k) => numberOf(layer, part.value, view.step, k));
  const width = canvas.clientWidth, height = canvas.clientHeight, dots = window.devicePixelRatio || 1;
  canvas.width = width * dots;
  canvas.height = height * dots;
  const pen = canvas.getContext('2d');
  pen.scale(dots, dots);
  const most = Math.max(1e-9, ...values.filter(Number.isFinite).map(Math.abs));
  const low = Math.min(...values) < 0 ? -most : 0;
  const y = v => height - 8 - (height - 10) * (v - low) / (most - low);
  const each = width / size;
  values.forEach((v, k) => {
    if (!Number.isFinite(v)) return;
    pen.fillStyle = css(along([palette.balance[0], rgb(palette.muted), palette.balance[4]], (v / most + 1) / 2));
    pen.fillRect(k * each, Math.min(y(v), y(0)), Math.max(1, each - (each > 3 ? 1 : 0)), Math.max(1, Math.abs(y(v) - y(0))));
  });
  if (view.unit < size) {
    pen.fillStyle = palette.ink;
    const x = (view.unit + 0.5) * each;
    pen.beginPath();
    pen.moveTo(x, height - 7);
    pen.lineTo(x + 5, height);
    pen.lineTo(x - 5, height);
    pen.fill();
  }
  const exact = layer.values[part.value].exact, finite = values.filter(Number.isFinite);
  canvas.setAttribute('aria-label', word('strip', calledPart(part), size, view.step + 1, written(Math.min(...finite), exact), written(Math.max(...finite), exact), view.unit, written(values[view.unit] ?? null, exact)));
  says.innerHTML = word('stripHint', `<bdi dir="ltr" class="math">${mathHtml(calledPart(part))}</bdi>`, view.unit);
}

/// All lines of the chosen unit, now and before.
function paintTable() {
  const layer = layerNow();
  const row = l => `<tr><th scope="row" class="math"><bdi dir="ltr">${mathHtml(l.name)}</bdi></th><td>${numberHtml(numberOf(layer, l.value, view.step, view.unit))}</td><td>${view.step > 0 ? numberHtml(numberOf(layer, l.value, view.step - 1, view.unit)) : '–'}</td></tr>`;
  element('numbers').innerHTML = `<caption>${word('numbers', view.unit, view.step + 1)}</caption><thead><tr><th scope="col">${word('lineHead')}</th><th scope="col">${word('nowHead')}</th><th scope="col">${word('beforeHead')}</th></tr></thead><tbody>${layer.lines.map(row).join('')}</tbody>`;
}

painters.push(changed => {
  if (any(changed, 'report', 'layer', 'step', 'unit', 'part', 'language', 'theme', 'width')) paintEquation();
  if (any(changed, 'report', 'layer', 'step', 'unit', 'language')) paintTable();
});

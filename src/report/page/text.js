// text.js: the text, coloured by what one asks of it. Start at the painter at the end.
//
// A cluster of letters is one element, so that marks stay with their letter; an Arabic word's letters join over
// elements as long as these have no edges of their own. Where several tokens make a cluster it has a stripe
// for each.

/// {at: step → -1 … 1 or null, says, low, high}: what the text is coloured by.
function tintNow() {
  const layer = layerNow(), [kind, name] = view.tint.split(':');
  if (kind === 'ledger') {
    const account = accountOf(layer, view.belt, view.unit, view.step);
    const most = account ? Math.max(1e-9, ...account.entries.map(e => Math.abs(e.left))) : 1;
    return { at: t => account && t <= view.step ? account.entries[t].left / most : null, says: account ? word('saysLedger', account.state, view.unit) : word('noBelt'), low: -most, high: most };
  }
  if (kind === 'gradient') {
    const curve = curvesNow()[0], g = report.gradients;
    return { at: t => shareOfGradient(curve, 'total', view.step, view.step - t), says: word('saysGradient', '∂L/∂' + curve.state), low: `10^${g.low}`, high: `10^${g.high}`, oneSided: true };
  }
  if (kind === 'surprise') {
    const next = report.array(report.predictions.next);
    return { at: t => t === 0 ? null : Math.min(1, -Math.log2(next[t - 1]) / 8), says: word('saysSurprise'), low: 0, high: '8+', oneSided: true };
  }
  const line = layer.lines.find(l => l.name === name);
  const most = line.gate ? 1 : Math.max(1e-9, reachOf(layer, line.value, view.unit));
  return { at: t => numberOf(layer, line.value, t, view.unit) / most, says: word('saysLine', name, view.unit), low: line.gate ? 0 : -most, high: most, oneSided: line.gate };
}

let clusterOf = []; // per step: its element

function buildText() {
  const box = element('text');
  box.dir = report.text.direction;
  box.textContent = '';
  clusterOf = [];
  for (const [text, first, count] of report.text.clusters) {
    const span = document.createElement('span');
    if (text.includes('\n')) {
      const sign = document.createElement('span');
      sign.className = 'sign';
      sign.textContent = '⏎';
      span.append(sign);
    }
    span.append(text);
    span.addEventListener('click', event => {
      const box = span.getBoundingClientRect();
      const share = (backwards() ? box.right - event.clientX : event.clientX - box.left) / Math.max(1, box.width);
      goTo(first + Math.max(0, Math.min(count - 1, Math.floor(share * count))));
    });
    box.append(span);
    for (let i = 0; i < count; ++i) clusterOf.push(span);
  }
}

function paintText() {
  const tint = tintNow();
  for (const [, first, count] of report.text.clusters) {
    const colours = [];
    for (let i = 0; i < count; ++i) {
      const v = tint.at(first + i);
      colours.push(v === null || !Number.isFinite(v) ? 'transparent' : css(soft(v)));
    }
    const stops = colours.map((c, i) => `${c} ${(100 * i) / count}% ${(100 * (i + 1)) / count}%`);
    clusterOf[first].style.background = count === 1 ? colours[0] : `linear-gradient(to ${backwards() ? 'left' : 'right'}, ${stops})`;
  }
  element('tint-says').textContent = tint.says;
  const end = v => typeof v === 'number' ? written(v, false) : v;
  const ends = [tint.oneSided ? 0 : -1, 0, 1].map(v => css(soft(v)));
  element('key').innerHTML = `<span class="num" dir="ltr">${end(tint.low)}</span><span class="ramp" style="background:linear-gradient(to ${document.documentElement.dir === 'rtl' ? 'left' : 'right'}, ${tint.oneSided ? [ends[1], ends[2]] : ends})"></span><span class="num" dir="ltr">${end(tint.high)}</span>`;
}

function markStep() {
  document.querySelector('#text .now')?.classList.remove('now');
  const now = clusterOf[view.step], box = element('text');
  now.classList.add('now');
  const top = now.offsetTop - box.offsetTop, height = now.offsetHeight;
  if (top < box.scrollTop || top + 2 * height > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 2;
}

painters.push(changed => {
  if (changed.has('report')) buildText();
  const moves = view.tint && /^(ledger|gradient)/.test(view.tint);
  if (any(changed, 'report', 'tint', 'unit', 'layer', 'language', 'theme') || (moves && any(changed, 'step', 'belt'))) paintText();
  if (any(changed, 'report', 'step')) markStep();
});

// gradient.js: how far back the loss is felt: the plot that draw/ made of the means, over it the curve of the
// loss at the cursor, and a table of some lags. Start at the painter at the end.

const curvesNow = () => report.gradients.curves.filter(c => c.layer === view.layer);

/// 0 … 1 on the plot's logarithmic axis; null where it is nothing or was not followed so far.
function shareOfGradient(curve, kind, step, lag) {
  const { lags } = report.gradients;
  if (step + 1 >= report.steps || lag < 0 || lag > Math.min(lags, step) || curve[kind] === undefined) return null;
  const byte = report.array(curve[kind])[step * (lags + 1) + lag];
  return byte === 0 ? null : (byte - 1) / 254;
}

function aboutGradient(share) {
  const { low, high } = report.gradients;
  if (share === null) return null;
  const v = 10 ** (low + share * (high - low));
  return v >= 0.01 && v < 1000 ? String(+v.toPrecision(2)) : v.toExponential(1).replace('-', '−');
}

function buildGradient() {
  const g = report.gradients;
  element('gradient-section').hidden = !g;
  if (!g) return;
  element('gradient').innerHTML = g.pictures[view.language][view.theme];
  const svg = element('gradient').querySelector('svg');
  svg.querySelectorAll('title').forEach(t => { if (t.parentNode !== svg) t.remove(); });
  svg.append(svgElement('g', { id: 'at-cursor', fill: 'none', 'stroke-width': 4.5, 'stroke-linejoin': 'round', 'stroke-linecap': 'round' }));
}

function paintGradient() {
  const g = report.gradients;
  if (!g) return;
  const area = g.areas[view.language], group = element('at-cursor'), rtl = WORDS[view.language].direction === 'rtl';
  group.textContent = '';
  let series = 0;
  for (const curve of g.curves) {
    for (const kind of curve.along === undefined ? ['total'] : ['total', 'along']) {
      const colour = palette.series[series++ % palette.series.length];
      if (curve.layer !== view.layer) continue;
      let d = '', pen = 'M';
      for (let lag = 0; lag <= g.lags; ++lag) {
        const share = shareOfGradient(curve, kind, view.step, lag);
        if (share === null) { pen = 'M'; continue; }
        const across = lag / Math.max(1, g.lags);
        d += `${pen}${(rtl ? area.right - across * (area.right - area.left) : area.left + across * (area.right - area.left)).toFixed(1)} ${(area.bottom - share * (area.bottom - area.top)).toFixed(1)}`;
        pen = 'L';
      }
      if (d) group.append(svgElement('path', { d, stroke: colour, opacity: 0.75 }));
    }
  }
  paintLags();
}

function paintLags() {
  const g = report.gradients, table = element('lags');
  if (view.step + 1 >= report.steps) {
    table.innerHTML = `<caption>${word('noLoss')}</caption>`;
    return;
  }
  const columns = curvesNow().flatMap(c => c.along === undefined ? [[c, 'total']] : [[c, 'total'], [c, 'along']]);
  const lags = [0, 1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 500, 1000].filter(l => l <= Math.min(g.lags, view.step));
  const cell = (c, kind, lag) => { const said = aboutGradient(shareOfGradient(c, kind, view.step, lag)); return `<td><span class="num" dir="ltr">${said === null ? '&lt; 10<sup>' + minus(String(g.low)) + '</sup>' : said}</span></td>`; };
  table.innerHTML = `<caption>${word('atCursor', view.step + 1)}</caption><thead><tr><th scope="col">${word('lagHead')}</th>` +
    columns.map(([c, kind]) => { const name = apart('∂L/∂' + c.state, 'ltr'); return `<th scope="col">${kind === 'total' ? name : word('alongHead', name)}</th>`; }).join('') + '</tr></thead><tbody>' +
    lags.map(lag => `<tr><th scope="row">${lag}</th>${columns.map(([c, kind]) => cell(c, kind, lag)).join('')}</tr>`).join('') + '</tbody>';
}

painters.push(changed => {
  if (any(changed, 'report', 'language', 'theme')) buildGradient();
  if (any(changed, 'report', 'language', 'theme', 'layer', 'step')) paintGradient();
});

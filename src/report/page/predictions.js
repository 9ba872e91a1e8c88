// predictions.js: the likeliest tokens after the step under the cursor.

function predictionsAt(step) {
  const { top, tokens, probabilities, next, rank } = report.predictions;
  const p = report.array(probabilities);
  const list = [];
  for (let k = 0; k < top; ++k) list.push({ token: tokens[step * top + k], probability: p[step * top + k], rank: k + 1 });
  const follows = step + 1 < report.steps ? { token: report.tokens[step + 1], probability: report.array(next)[step], rank: rank[step] } : null;
  return { list, follows };
}

painters.push(changed => {
  if (!any(changed, 'report', 'step', 'language')) return;
  const { list, follows } = predictionsAt(view.step);
  element('predictions-say').innerHTML = follows ? word('predictionsSay', view.step + 1, apart(quoted(report.pieces[follows.token]))) : word('predictionsEnd');
  const row = e => {
    const hit = follows && e.token === follows.token;
    return `<tr class="${hit ? 'hit' : ''}"><th scope="row">${apart(visible(report.pieces[e.token]))}${hit ? ` <span class="tag">${word('actual')}</span>` : ''}</th>` +
      `<td><span class="meter" aria-hidden="true"><span style="width:${(100 * e.probability).toFixed(1)}%"></span></span></td>` +
      `<td><span class="num" dir="ltr" data-value="${e.probability}">${percent(e.probability)} %</span></td><td class="quiet">${e.rank > list.length ? word('rank', e.rank) : ''}</td></tr>`;
  };
  const missed = follows && !list.some(e => e.token === follows.token) ? [follows] : [];
  element('predictions').innerHTML = `<thead><tr><th scope="col">${word('token')}</th><th scope="col"><span class="unseen">${word('share')}</span></th><th scope="col">${word('probability')}</th><td></td></tr></thead><tbody>` +
    [...list, ...missed].map(row).join('') + '</tbody>';
});

// ledger.js: the account of a belt in one unit: what each past step put there and what is left of it, as
// explain/ledger.h has it. Coefficient, terms and start are the run's; only the account is added up here.

/// After `step`: {state, coefficient, terms, entries: [{put, kept, left}] by step, start, startLeft, value}; null
/// where the layer has no such belt.
function accountOf(layer, index, unit, step) {
  const belt = layer.belts[index];
  if (!belt || unit >= layer.values[belt.next].size) return null;
  const account = { state: belt.state, coefficient: belt.coefficient.text, terms: belt.terms.map(t => t.text), entries: [], sum: 0 };
  let kept = 1;
  for (let s = step; s >= 0; --s) {
    const put = belt.terms.reduce((sum, term) => sum + numberOf(layer, term.value, s, unit), 0);
    account.entries[s] = { step: s, put, kept, left: kept * put };
    account.sum += kept * put;
    kept *= numberOf(layer, belt.coefficient.value, s, unit);
  }
  account.start = belt.start[belt.start.length === 1 ? 0 : unit];
  account.startKept = kept;
  account.startLeft = kept * account.start;
  account.sum += account.startLeft;
  account.value = numberOf(layer, belt.next, step, unit);
  return account;
}

const kLedgerRows = 8;

function paintLedger() {
  const layer = layerNow(), account = accountOf(layer, view.belt, view.unit, view.step);
  const table = element('ledger');
  table.hidden = !account;
  element('belt-label').hidden = layer.belts.length < 2;
  if (!account) {
    element('ledger-says').textContent = word('noBelt');
    return;
  }
  element('ledger-says').innerHTML = word('ledgerSays', '\u0001', '\u0002', '\u0003', view.unit)
    .replace(/\u0001 = \u0002 ⊙ \u0001\[t-1\] \+ \u0003/, `<bdi dir="ltr" class="math">${mathHtml(`${account.state} = ${inBrackets(account.coefficient)} ⊙ ${account.state}[t-1] + ${account.terms.join(' + ') || 0}`)}</bdi>`);
  const largest = [...account.entries].sort((a, b) => Math.abs(b.left) - Math.abs(a.left)).slice(0, kLedgerRows);
  const most = Math.max(1e-12, ...largest.map(e => Math.abs(e.left)));
  const row = e => `<tr data-step="${e.step}"><th scope="row"><button type="button" class="plain" data-go="${e.step}">${e.step + 1}&nbsp;${apart(quoted(pieceAt(e.step)))}</button></th>` +
    `<td>${numberHtml(e.put)}</td><td>${numberHtml(e.kept)}</td><td class="left">${numberHtml(e.left)}${barHtml(e.left / most)}</td></tr>`;
  const rest = account.sum - account.startLeft - largest.reduce((sum, e) => sum + e.left, 0);
  const plain = (head, value, kind = '') => `<tr class="${kind}"><th scope="row" colspan="3">${head}</th><td>${numberHtml(value)}</td></tr>`;
  table.innerHTML = `<thead><tr><th scope="col">${word('stepHead')}</th><th scope="col">${word('putHead')}</th><th scope="col">${word('keptHead')}</th><th scope="col">${word('leftHead')}</th></tr></thead><tbody>` +
    largest.sort((a, b) => b.step - a.step).map(row).join('') +
    (account.entries.length > kLedgerRows ? plain(word('rest'), rest) : '') + plain(word('startRow'), account.startLeft) +
    plain(word('sum'), account.sum, 'sum') + plain(word('isValue', apart(account.state, 'ltr')), account.value, 'sum') + '</tbody>';
}

const inBrackets = text => / /.test(text) ? `(${text})` : text;

/// A bar from the middle, -1 … 1.
function barHtml(share) {
  const width = (50 * Math.min(1, Math.abs(share))).toFixed(1);
  return `<span class="bar2" aria-hidden="true"><span class="${share < 0 ? 'less' : 'more'}" style="width:${width}%"></span></span>`;
}

painters.push(changed => {
  if (any(changed, 'report', 'layer')) {
    element('belt').innerHTML = layerNow().belts.map((b, i) => `<option value="${i}">${escaped(b.state)}</option>`).join('');
    element('belt').value = view.belt;
  }
  if (any(changed, 'report', 'layer', 'step', 'unit', 'belt', 'language')) paintLedger();
});

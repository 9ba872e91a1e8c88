// diagram.js: the unrolled diagram from draw/, with the run's numbers on its lines. Start at the painter at the
// end. The middle copy is the step under the cursor and takes the focus; its neighbours follow the mouse only.

const svgElement = (tag, attributes) => {
  const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  return e;
};

const kPrefix = 'cell.'; // a line of a cell may be called as a part of the page is
const placeOf = (within, id) => within.querySelector('#' + CSS.escape(kPrefix + id));

let copies = []; // {offset, suffix, beads: [{part, group, rect, text}]}

function buildDiagram() {
  const layer = layerNow(), box = element('diagram');
  const kept = box.firstChild ? box.scrollLeft : null;
  box.innerHTML = layer.diagram[view.theme];
  const svg = box.querySelector('svg');
  svg.setAttribute('role', 'group');
  svg.querySelector(':scope > title').remove();
  svg.querySelector(':scope > desc').remove();
  for (const e of svg.querySelectorAll('[id]')) e.id = kPrefix + e.id;
  copies = [...svg.querySelectorAll(':scope > g')].map((group, i) => {
    const offset = i - 1, suffix = offset === 0 ? '' : offset < 0 ? '.t-1' : '.t+1';
    if (offset !== 0) {
      group.setAttribute('opacity', '0.5');
      group.setAttribute('aria-hidden', 'true');
    }
    for (const [id, part] of Object.entries(layer.parts)) {
      for (const which of [id + suffix, id + '.line' + suffix]) {
        const node = placeOf(group, which);
        if (!node) continue;
        node.style.cursor = 'pointer';
        node.addEventListener('click', () => { goTo(view.step + offset); change({ part: id }); });
        if (offset === 0 && which === id) makeButton(node, id, part);
        else node.querySelector(':scope > title')?.remove();
      }
    }
    const beads = layer.beads.map(({ part, x, y }) => {
      const g = svgElement('g', { class: 'bead', 'aria-hidden': 'true' });
      const [width, height] = layer.bead;
      const rect = svgElement('rect', { x: x - width / 2, y: y - height / 2, width, height, rx: height / 2 });
      const text = svgElement('text', { x, y: y + 4, 'text-anchor': 'middle', 'font-size': 11.5, direction: 'ltr' });
      g.dataset.part = part;
      g.append(rect, text);
      g.addEventListener('click', () => { goTo(view.step + offset); change({ part }); });
      group.append(g);
      return { part, g, rect, text };
    });
    return { group, offset, suffix, beads };
  });
  if (kept === null) box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2 * (getComputedStyle(box).direction === 'rtl' ? -1 : 1);
  else box.scrollLeft = kept;
}

function makeButton(node, id, part) {
  node.setAttribute('role', 'button');
  node.setAttribute('tabindex', '0');
  node.querySelector(':scope > title')?.remove();
  node.addEventListener('keydown', event => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    change({ part: id });
  });
}

/// What a part is called: its name, or its equation.
const calledPart = part => part.name || part.title;

/// What stands in the node, so that who speaks to the page can say what is seen, and what it is.
function nameOf(node, part) {
  const seen = [...node.querySelectorAll('text')].map(t => t.textContent).join(' '), called = calledPart(part);
  return seen.split(' ').includes(called) ? seen : `${seen}, ${called}`;
}

/// The number of a part at a step, or the token that comes in.
function saidOf(layer, part, step) {
  if (part.value === undefined) return part.kind === 'input' && view.layer === 0 && step >= 0 && step < report.steps ? quoted(pieceAt(step)) : null;
  const v = numberOf(layer, part.value, step, view.unit);
  return v === null ? null : written(v, layer.values[part.value].exact);
}

function paintNumbers() {
  const layer = layerNow();
  for (const { group, offset, suffix, beads } of copies) {
    const step = view.step + offset;
    group.style.visibility = step < 0 || step >= report.steps ? 'hidden' : 'visible';
    for (const { part: id, g, rect, text } of beads) {
      const part = layer.parts[id];
      const token = part.kind === 'input' && view.layer === 0;
      const v = token || part.value === undefined ? null : numberOf(layer, part.value, step, view.unit);
      const said = token ? (step >= 0 && step < report.steps ? quoted(pieceAt(step)) : '') : short(v);
      g.style.display = said === '' ? 'none' : '';
      text.textContent = said;
      g.dataset.value = v === null ? '' : v;
      const share = v === null || !Number.isFinite(v) ? 0 : v / Math.max(1, reachOf(layer, part.value, view.unit));
      rect.style.fill = token ? 'var(--background)' : css(soft(share));
      paintLine(placeOf(group, id + '.line' + suffix), share, token);
    }
  }
}

/// Blue to red through grey, and the thicker the more it carries.
function paintLine(line, share, plain) {
  if (!line) return;
  const colour = plain ? palette.ink : css(along([palette.balance[0], rgb(palette.muted), palette.balance[4]], (share + 1) / 2));
  for (const path of line.children) {
    if (path.getAttribute('fill') === 'none') {
      path.dataset.width ||= path.getAttribute('stroke-width');
      path.style.stroke = colour;
      path.style.strokeWidth = +path.dataset.width + 2.2 * Math.abs(plain ? 0 : share);
    } else if (!path.hasAttribute('stroke')) {
      path.style.fill = colour;
    }
  }
}

function nameParts() {
  const layer = layerNow(), svg = element('diagram').querySelector('svg');
  const equations = layer.equations.map(e => e.names.join(', ') + ' = ' + e.stages[0].join('')).join('; ');
  svg.setAttribute('aria-label', word('diagramName', layer.cell, view.step + 1, report.steps, equations));
  for (const [id, part] of Object.entries(layer.parts)) {
    const node = placeOf(svg, id);
    if (!node) continue;
    node.setAttribute('aria-label', word('nodeName', nameOf(node, part), WORDS[view.language].kinds[part.kind], saidOf(layer, part, view.step) ?? word('noNumber')));
    node.setAttribute('aria-pressed', view.part === id);
    node.classList.toggle('chosen', view.part === id);
  }
}

painters.push(changed => {
  if (any(changed, 'report', 'layer', 'theme')) buildDiagram();
  if (any(changed, 'report', 'layer', 'theme', 'step', 'unit')) paintNumbers();
  if (any(changed, 'report', 'layer', 'theme', 'step', 'unit', 'part', 'language')) nameParts();
});

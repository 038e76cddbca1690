// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the page does where scripts run: filters, and the map's lines of the name
// under the pointer or the focus. Without it everything is shown.

export const script = `
'use strict';
const form = document.querySelector('form');
if (form) {
  form.hidden = false;
  const findings = [...document.querySelectorAll('#list article')];
  const groups = [...document.querySelectorAll('#list section')];
  const shown = document.querySelector('#shown');
  const filter = () => {
    const data = new FormData(form);
    const warnings = new Set(data.getAll('warning'));
    const file = data.get('file');
    let number = 0;
    for (const one of findings) {
      const { warning, file: own } = one.dataset;
      one.hidden = !warnings.has(warning) || (file !== '' && file !== own);
      if (!one.hidden) number++;
    }
    for (const group of groups) group.hidden = !group.querySelector('article:not([hidden])');
    shown.textContent = number === findings.length ? '' : number + ' of ' + findings.length + ' shown';
  };
  form.addEventListener('change', filter);
  form.addEventListener('submit', (event) => event.preventDefault());
  filter();
}
const map = document.querySelector('svg.map');
if (map) {
  const pick = (target) => {
    for (const one of map.querySelectorAll('.on')) one.classList.remove('on');
    const row = target && target.closest ? target.closest('g[data-from],g[data-to]') : null;
    map.classList.toggle('picked', row !== null);
    if (!row) return;
    const side = row.dataset.from === undefined ? 'to' : 'from';
    const other = side === 'from' ? 'to' : 'from';
    row.classList.add('on');
    for (const line of map.querySelectorAll('path[data-' + side + '="' + row.dataset[side] + '"]')) {
      line.classList.add('on');
      map.querySelector('g[data-' + other + '="' + line.dataset[other] + '"]').classList.add('on');
    }
  };
  map.addEventListener('pointerover', (event) => pick(event.target));
  map.addEventListener('pointerleave', () => pick(null));
  map.addEventListener('focusin', (event) => pick(event.target));
  map.addEventListener('focusout', () => pick(null));
}
`;

// The list of findings.

function show() {
  apply();
  const pages = Math.max(1, Math.ceil(matching.length / PAGE));
  page = Math.min(page, pages - 1);
  $('count').textContent = `${number(matching.length)} of ${number(items.length)} ${items.length === 1 ? 'finding' : 'findings'}`;
  $('none').hidden = matching.length > 0;
  $('list').replaceChildren(...matching.slice(page * PAGE, (page + 1) * PAGE).map(row));
  // The address of one finding shows all of it.
  if (matching.length === 1 && search === matching[0].finding.fingerprint) $('list').querySelector('.row').click();
  $('download').disabled = !matching.length;
  const go = (to, name) => make('button', {
    type: 'button', disabled: to < 0 || to >= pages,
    onclick: () => { page = to; show(); $('findings-title').focus(); $('findings-title').scrollIntoView(); },
  }, name);
  $('pages').replaceChildren(...(pages > 1
    ? [go(page - 1, 'Previous'), make('span', {}, `Page ${number(page + 1)} of ${number(pages)}`), go(page + 1, 'Next')] : []));
  const chips = [];
  for (const facet of facets) {
    for (const value of facet.selected) {
      chips.push(make('li', {}, make('button', {
        type: 'button', 'aria-label': `Remove filter ${facet.title}: ${facet.name(value)}`,
        onclick: () => { facet.selected.delete(value); removed(); },
      }, `${facet.title}: ${facet.name(value)}`, cross())));
    }
  }
  if (search) chips.push(make('li', {}, make('button', { type: 'button', 'aria-label': `Remove filter Search: ${search}`, onclick: () => { $('text').value = search = ''; removed(); } }, `Search: ${search}`, cross())));
  if (chips.length) chips.push(make('li', {}, make('button', { type: 'button', class: 'clear', onclick: clear }, 'Clear all')));
  $('chips').replaceChildren(...chips);
}
function clear() {
  facets.forEach((facet) => facet.selected.clear());
  $('text').value = search = '';
  removed();
}
/** After a filter was removed, with the button that did it. */
function removed() {
  changed();
  ($('chips').querySelector('button') ?? $('findings-title')).focus();
}
/** After a change by the user: first page, and the address says what is shown. The browser's back
    button undoes a change; all letters of a search are one change. */
function changed(isNext = false) {
  page = 0;
  $('unknown').hidden = true;
  const parts = facets.filter((facet) => facet.selected.size)
    .map((facet) => `${facet.key}=${[...facet.selected].map(encodeURIComponent).join(',')}`);
  if (search) parts.push(`text=${encodeURIComponent(search)}`);
  if ($('sort').value) parts.push(`sort=${$('sort').value}`);
  const address = `#findings?${parts.join('&') || 'verdict=any'}`;
  if (isNext) history.replaceState(null, '', address);
  else if (address !== location.hash) history.pushState(null, '', address);
  show();
}

// A finding.
function row(item) {
  const detail = make('div', { class: 'detail', hidden: true });
  const button = make('button', {
    type: 'button', class: 'row', 'aria-expanded': 'false',
    onclick: () => {
      const opens = detail.hidden;
      if (opens && !detail.firstChild) detail.append(...details(item));
      detail.hidden = !opens;
      button.setAttribute('aria-expanded', String(opens));
    },
  },
  make('span', { class: 'tags' }, tag(item.severity), ['fail', 'earlier'].includes(item.verdict) ? null : tag(item.verdict),
    item.state === 'none' ? null : tag(item.state),
    item.waived === 'yes' ? make('span', { class: 'tag' }, 'waived') : null,
    item.ended ? make('span', { class: 'tag' }, 'waiver ended') : null,
    item.finding.waived ? make('span', { class: 'tag' }, 'waived before') : null),
  make('span', {}, make('span', { class: 'title' }, item.title), item.finding.before ? `failed before: ${item.finding.before}` : message(item),
    item.finding.why ? make('span', { class: 'why' }, `${word(item.state)}: ${item.finding.why}`) : null),
  make('span', { class: 'where' }, make('span', { class: 'id' }, item.label), ` ${item.data.label} · `, make('span', { class: 'region' }, item.region)));
  return make('li', {}, make('h3', {}, button), detail);
}

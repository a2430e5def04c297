// What a person does: search, sort, keys, and the switch between sections.

document.querySelector('.filters').addEventListener('submit', (event) => event.preventDefault());
let timer;
$('text').addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const isNext = search !== '';
    search = $('text').value.trim();
    changed(isNext);
  }, 120);
});
$('text').addEventListener('focus', () => window.requestIdleCallback?.(prepare));
$('sort').addEventListener('change', () => changed());
$('filters-toggle').addEventListener('click', (event) => {
  const open = $('facets').classList.toggle('open');
  event.currentTarget.setAttribute('aria-expanded', String(open));
});

// Keyboard: `/` searches, arrows move between findings.
document.addEventListener('keydown', (event) => {
  const inField = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '');
  if (event.key === '/' && !inField && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    if ($('findings').hidden) {
      history.pushState(null, '', '#findings');
      navigate(true);
      window.scrollTo(0, 0);
    }
    $('text').focus();
  } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && document.activeElement?.classList.contains('row')) {
    event.preventDefault();
    const rows = [...document.querySelectorAll('#list .row')];
    rows[rows.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
  }
});

// The order of the rules. Sorting keeps the order of what is equal: by severity.
const bySeverity = [...$('rules-list').children];
const RULE_ORDERS = {
  '': () => 0,
  failures: (a, b) => Number(b.dataset.failures) - Number(a.dataset.failures),
  id: (a, b) => (a.dataset.id < b.dataset.id ? -1 : 1),
};
$('rules-order').hidden = false;
const toRules = [...document.querySelectorAll('a[href="#rules"]')];
function sortRules(order) {
  $('rules-sort').value = Object.hasOwn(RULE_ORDERS, order) ? order : '';
  // Anyone who comes back finds the same order.
  for (const link of toRules) link.hash = $('rules-sort').value ? `#rules?sort=${$('rules-sort').value}` : '#rules';
  $('rules-list').replaceChildren(...[...bySeverity].sort(RULE_ORDERS[$('rules-sort').value]));
}
$('rules-sort').addEventListener('change', () => {
  const order = $('rules-sort').value;
  history.pushState(null, '', order ? `#rules?sort=${order}` : '#rules');
  sortRules(order);
});

// Sections and the address.
const sections = [...document.querySelectorAll('main > section')];
let current;
let isFiltered = false;
function navigate(isFirst) {
  const [name, query = ''] = location.hash.slice(1).split('?');
  const previous = current;
  current = sections.find((section) => section.id === name) ?? sections[0];
  for (const section of sections) section.hidden = section !== current;
  for (const link of document.querySelectorAll('header nav a')) {
    if (link.hash.split('?')[0] === `#${current.id}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (current.id === 'findings') filter(query);
  if (current.id === 'rules') sortRules(new URLSearchParams(query).get('sort') ?? '');
  if (!isFirst && current !== previous) {
    window.scrollTo(0, 0);
    current.querySelector('h2').focus({ preventScroll: true });
  }
}
window.addEventListener('hashchange', () => navigate(false));
// The address keeps the section and the filters.
for (const skip of document.querySelectorAll('a.skip')) {
  skip.addEventListener('click', (event) => {
    event.preventDefault();
    ($(skip.hash.slice(1)).querySelector(':scope > li button') ?? $('content')).focus();
  });
}

// On a phone, the cells of a row of wide tables are below each other, each with its title.
for (const table of document.querySelectorAll('#overview table, #waivers table, #gaps table')) {
  if (!table.querySelector('.long')) continue;
  table.classList.add('cards');
  const titles = [...table.tHead.rows[0].cells].map((title) => title.textContent);
  for (const { cells } of table.tBodies[0].rows) {
    let at = 0;
    for (const cell of cells) {
      cell.dataset.title = titles.slice(at, at + cell.colSpan).join(', ');
      at += cell.colSpan;
    }
  }
}

// The filters of the list. They are in the fragment of the address:
// `#findings?severity=critical,high&state=new`.

// What stands for a list of the whole account that was not read can be in every region.
const regions = [...new Set(items.map((item) => item.region))];

// Filters. Each has the values of an item; an item matches if one of them is selected.
const facets = [
  { key: 'severity', title: 'Severity', of: (item) => item.severity, values: SEVERITIES, open: true },
  { key: 'state', title: 'Since the baseline', of: (item) => item.state, values: STATES, open: true, hidden: !run.compared },
  { key: 'verdict', title: 'Verdict', of: (item) => item.verdict, values: VERDICTS, open: true },
  { key: 'waived', title: 'Waived', values: ['no', 'yes', 'ended', 'before'],
    of: (item) => [item.waived].concat(item.ended ? 'ended' : [], item.finding.waived ? 'before' : []) },
  { key: 'gap', title: 'Coverage gap', of: gapsOf },
  { key: 'account', title: 'Account', of: (item) => item.account, name: (value) => labels.get(value) ?? value },
  { key: 'label', title: 'Label of the account', of: (item) => labelsOf(item.data) },
  { key: 'region', title: 'Region', of: (item) => (item.id == null && item.region === 'global' ? regions : item.region) },
  { key: 'rule', title: 'Rule', of: (item) => item.ruleId },
  { key: 'framework', title: 'Framework', of: (item) => frameworksOf[item.rule] ?? [], hidden: !run.frameworks.length,
    name: (value) => run.frameworks.find((one) => one.id === value)?.name ?? value },
  { key: 'kind', title: 'Resource type', of: (item) => item.kind },
  { key: 'fixable', title: 'Fix can be planned', of: (item) => item.fixable, values: ['yes', 'no'] },
];
for (const facet of facets) {
  facet.selected = new Set();
  facet.name ??= word;
  if (!facet.values) {
    const seen = new Set();
    for (const item of items) [].concat(facet.of(item)).forEach((value) => seen.add(value));
    facet.values = [...seen].sort((a, b) => (facet.name(a) < facet.name(b) ? -1 : 1));
  }
  facet.hidden ||= !facet.values.length;
  facet.index = new Map(facet.values.map((value, at) => [value, at]));
  // Positions instead of strings make filtering fast.
  facet.codes = items.map((item) => [].concat(facet.of(item)).map((value) => facet.index.get(value)));
  facet.boxes = new Map();
}
let search = '';
let page = 0;
let matching = [];

const rank = (list, value) => list.indexOf(value);
const by = (...keys) => (a, b) => {
  for (const key of keys) {
    const [x, y] = [key(a), key(b)];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
};
const severity = (item) => rank(SEVERITIES, item.severity);
const verdict = (item) => rank(VERDICTS, item.verdict);
const ORDERS = {
  '': by((item) => (item.state === 'new' ? 0 : 1), severity, verdict, (item) => item.ruleId, (item) => item.account),
  severity: by(severity, verdict, (item) => item.ruleId, (item) => item.account),
  account: by((item) => item.account, severity, verdict),
  rule: by((item) => item.ruleId, verdict, (item) => item.account),
  resource: by((item) => item.label, (item) => item.account, severity),
};

/** Recomputes what matches, and how many would match each other value of each filter. */
function apply() {
  // An asterisk separates words, as a space does.
  const wanted = search.toLowerCase().split(/[\s*]+/).filter(Boolean);
  const active = facets.map((facet) =>
    facet.selected.size ? new Set([...facet.selected].map((value) => facet.index.get(value) ?? -1)) : null);
  const numbers = facets.map((facet) => new Uint32Array(facet.values.length));
  matching = [];
  for (let at = 0; at < items.length; at += 1) {
    let missed = -1;
    let misses = 0;
    for (let f = 0; f < facets.length && misses < 2; f += 1) {
      if (active[f] && !facets[f].codes[at].some((code) => active[f].has(code))) {
        missed = f;
        misses += 1;
      }
    }
    if (misses > 1) continue;
    if (wanted.length) {
      const text = searchable(items[at]);
      if (!wanted.every((part) => text.includes(part))) continue;
    }
    if (misses === 0) {
      matching.push(items[at]);
      for (let f = 0; f < facets.length; f += 1) for (const code of facets[f].codes[at]) numbers[f][code] += 1;
    } else {
      for (const code of facets[missed].codes[at]) numbers[missed][code] += 1;
    }
  }
  matching.sort(ORDERS[$('sort').value] ?? ORDERS['']);
  facets.forEach((facet, f) => facet.boxes.forEach(({ row, box, count }, value) => {
    const n = numbers[f][facet.index.get(value)];
    count.textContent = number(n);
    box.checked = facet.selected.has(value);
    row.hidden = (n === 0 && !box.checked) || row.dataset.out === 'yes';
  }));
  for (const { boxes, nothing } of facets) if (nothing) nothing.hidden = [...boxes.values()].some(({ row }) => !row.hidden);
}

// The filters of the page.
for (const facet of facets.filter((one) => !one.hidden)) {
  const options = make('fieldset', {}, make('legend', { class: 'sr' }, facet.title));
  if (facet.values.length > 12) {
    options.append(make('input', {
      class: 'find', type: 'search', 'aria-label': `Find in ${facet.title}`, placeholder: 'Find',
      oninput: (event) => {
        const wanted = event.target.value.toLowerCase();
        facet.boxes.forEach(({ row: line }, value) => { line.dataset.out = facet.name(value).toLowerCase().includes(wanted) ? 'no' : 'yes'; });
        apply();
      },
    }));
  }
  for (const value of facet.values) {
    const box = make('input', {
      type: 'checkbox',
      onchange: () => { if (box.checked) facet.selected.add(value); else facet.selected.delete(value); changed(); },
    });
    const count = make('span', { class: 'n' });
    const line = make('label', { class: 'option' }, box, make('span', {}, facet.name(value)), count);
    facet.boxes.set(value, { row: line, box, count });
    options.append(line);
  }
  facet.nothing = make('p', { class: 'note', hidden: true }, 'Nothing to choose: change another filter.');
  options.append(facet.nothing);
  $('facets').append(make('details', { open: facet.open }, make('summary', {}, facet.title), options));
}
document.querySelector('.explorer').hidden = false;

/** Sets the filters as an address says. */
function filter(query) {
  const text = query || 'verdict=fail&waived=no';
  const wanted = new URLSearchParams(text);
  for (const facet of facets) facet.selected.clear();
  // Commas separate values, so they are split before decoding.
  const unknown = [];
  const decode = (value) => {
    try { return decodeURIComponent(value); } catch { return value; }
  };
  for (const part of text.split('&').filter(Boolean)) {
    const [key, values = ''] = part.split('=');
    const facet = facets.find((one) => one.key === key);
    if (!facet) {
      if (!['text', 'sort'].includes(key)) unknown.push(decode(part));
      continue;
    }
    // Names are values, too: of accounts and frameworks.
    const known = (value) => (facet.index.has(value) ? value : facet.values.find((one) => facet.name(one) === value
      || facet.name(one) === `${value} (${one})`));
    for (const value of values.split(',').map(decode)) {
      // Programs that pass an address on can encode its commas.
      for (const one of known(value) === undefined ? value.split(',') : [value]) {
        if (!one || one === 'any') continue;
        if (known(one) === undefined) unknown.push(`${key}=${one}`);
        facet.selected.add(known(one) ?? one);
      }
    }
  }
  $('unknown').textContent = `Some filters in the address match nothing in this report: ${unknown.join(', ')}`;
  $('unknown').hidden = !unknown.length;
  clearTimeout(timer);
  search = wanted.get('text') ?? '';
  $('text').value = search;
  $('sort').value = Object.hasOwn(ORDERS, wanted.get('sort') ?? '') ? wanted.get('sort') ?? '' : '';
  page = 0;
  isFiltered = true;
  show();
}

'use strict';
// The list of findings, its filters, and the switch between sections. Data is untrusted: it reaches
// the page only as `textContent`. The filters are in the fragment of the address:
// `#findings?severity=critical,high&state=new`.
(() => {
  const PAGE = 100;
  const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'];
  const VERDICTS = ['fail', 'unknown', 'error', 'skip', 'pass', 'earlier'];
  const STATES = ['new', 'unchanged', 'fixed', 'unknown_now', 'not_scanned', 'none'];
  const PRINTED = 5000;
  const WORDS = {
    earlier: 'in the baseline only', unknown_now: 'unknown now', not_scanned: 'account not scanned', none: 'no known failure',
    undecided: 'rule without a verdict',
    yes: 'yes', no: 'no', ended: 'a waiver ended', before: 'in the baseline',
  };
  const word = (value) => (Object.hasOwn(WORDS, value) ? WORDS[value] : value);
  const $ = (id) => document.getElementById(id);
  const number = (value) => value.toLocaleString('en-US');

  /** An element; strings become text nodes. */
  function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
      else if (value === true) element.setAttribute(key, '');
      else if (value !== false && value != null) element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child != null));
    return element;
  }
  const cross = () => make('span', { class: 'cross', 'aria-hidden': 'true' }, ' ×');
  const tag = (kind) => make('span', { class: `tag ${kind}` }, word(kind));

  // Data.
  const accounts = [];
  const items = [];
  let run;
  let end;
  for (const element of document.querySelectorAll('script[type="application/json"]')) {
    const data = JSON.parse(element.textContent);
    if (element.dataset.of === 'run') run = data;
    else if (element.dataset.of === 'end') end = data;
    else accounts.push(data);
    element.remove();
  }
  const problem = $('problem');
  if (!run || !end) {
    problem.textContent = 'This file is not complete: write the report again.';
    problem.hidden = false;
    return;
  }
  const ruleAt = new Map(run.rules.map((rule, at) => [rule.id, at]));
  const oldestAt = new Map(run.rules.map((rule, at) => [rule.oldest_id, at]));
  const frameworksOf = run.rules.map(() => []);
  run.frameworks.forEach((framework) => framework.rules.forEach((at) => frameworksOf[at].push(framework.id)));

  function add(account, data, rule, verdict, resource, finding) {
    const [kind, region, id, arn, name] = resource;
    const known = run.rules[rule];
    items.push({
      account, rule, verdict, finding, kind, region, id, arn, name,
      ruleId: known ? known.id : finding.rule,
      title: known ? known.title : finding.rule,
      severity: finding.severity ?? known.severity,
      state: finding.state ?? 'none',
      waived: finding.waiver == null ? 'no' : 'yes',
      ended: finding.ended !== undefined,
      fixable: known?.fixable && verdict === 'fail' && finding.waiver == null ? 'yes' : 'no',
      label: id == null ? `every ${kind}` : name && name !== id ? `${name} (${id})` : id,
      data, text: null,
    });
  }
  function load(data) {
    data.label = data.name && data.name !== data.account ? `${data.name} (${data.account})` : data.account;
    data.findings?.forEach((one) => add(data.account, data, one.rule, one.verdict, data.resources[one.resource], one));
    for (const [rule, resources] of Object.entries(data.passed ?? {})) {
      for (const at of resources) add(data.account, data, Number(rule), 'pass', data.resources[at], { message: '' });
    }
    data.earlier?.forEach((one) =>
      add(data.account, data, oldestAt.get(one.rule) ?? -1, 'earlier', data.resources[one.resource], one));
  }
  accounts.forEach(load);
  end.absent.forEach(load);
  const labels = new Map([...end.absent, ...accounts].map((one) => [one.account, one.label]));

  // The numbers must be those of the run: a file that lost a part must not look clean.
  const counts = {};
  for (const item of items) counts[item.verdict] = (counts[item.verdict] ?? 0) + 1;
  if (Object.entries(end.summary.verdicts).some(([verdict, count]) => (counts[verdict] ?? 0) !== count)) {
    problem.textContent = 'The list of findings does not match the summary: write the report again.';
    problem.hidden = false;
  }

  /** The waiver of a finding, or those that ended: it need not have been waived by them. */
  const waiversOf = (finding) => (finding.waiver == null ? finding.ended ?? [] : [finding.waiver]);

  /** Everything that the search looks at, in lower case. */
  function searchable(item) {
    if (item.text === null) {
      const { finding, data } = item;
      const parts = [item.ruleId, item.title, item.account, data.name, item.kind, item.region, item.id, item.arn, item.name,
        finding.message, finding.why, finding.accepted, finding.fingerprint];
      if (finding.evidence) parts.push(JSON.stringify(finding.evidence));
      for (const at of finding.causes ?? []) parts.push(data.causes[at].text, data.causes[at].message);
      for (const at of waiversOf(finding)) {
        const waiver = data.waivers[at];
        // The parentheses keep line 1 apart from line 10.
        parts.push(waiver.owner, waiver.reason, waiver.ticket, `(${waiver.file}:${waiver.line})`);
      }
      for (const [key, value] of Object.entries(data.labels ?? {})) parts.push(`${key}=${value}`);
      item.text = parts.filter(Boolean).join('\n').toLowerCase();
    }
    return item.text;
  }

  /** What could not be read. The gaps of a finding whose gaps are accepted are values of their own. */
  function gapsOf({ finding, data }) {
    const gaps = (finding.causes ?? []).map((at) => (data.causes[at].undecided ? 'undecided' : data.causes[at].text));
    return [...new Set(gaps)].map((gap) => (finding.accepted ? `${gap} (accepted)` : gap));
  }

  /** Prepares the search while the browser is idle, because the first one would take long otherwise. */
  let prepared = 0;
  function prepare(deadline) {
    while (prepared < items.length && deadline.timeRemaining() > 1) searchable(items[prepared++]);
    if (prepared < items.length) window.requestIdleCallback(prepare);
  }

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

  function show() {
    apply();
    const pages = Math.max(1, Math.ceil(matching.length / PAGE));
    page = Math.min(page, pages - 1);
    $('count').textContent = `${number(matching.length)} of ${number(items.length)} ${items.length === 1 ? 'finding' : 'findings'}`;
    $('none').hidden = matching.length > 0;
    $('list').replaceChildren(...matching.slice(page * PAGE, (page + 1) * PAGE).map(row));
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
  /** What is wrong. A finding of the baseline says what was wrong then. */
  function message(item) {
    const text = item.finding.message || item.ruleId;
    return item.verdict === 'earlier' ? `failed before: ${text}` : text;
  }
  /** A text with code in backticks. */
  function prose(text) {
    return make('span', {}, ...text.split('`').map((part, at) => (at % 2 ? make('code', {}, part) : part)));
  }
  function facts(pairs) {
    const rows = pairs.filter(([, value]) => value != null && value !== '')
      .map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value)));
    return make('dl', { class: 'facts' }, ...rows);
  }
  /** Commands have placeholders for what a finding answers: its account, its region and its id. Some
      rules have examples instead. What a shell could interpret is not filled in, nor is other code. */
  function fillIn(documentation, item) {
    const kind = item.kind.split('.').pop().toUpperCase();
    const values = new Map([[`${kind}_ID`, item.id], ['ACCOUNT_ID', item.account], ['111122223333', item.account]]);
    if (['BUCKET', 'DIRECTORY_BUCKET', 'ACCESS_POINT', 'MULTI_REGION_ACCESS_POINT'].includes(kind)) values.set(kind, item.id);
    if (kind === 'ACCESS_POINT') values.set('BUCKET', item.finding.evidence?.[0]?.bucket);
    if (kind === 'BUCKET') values.set('my-bucket', item.id);
    for (const name of ['REGION', 'eu-west-1']) values.set(name, item.region === 'global' ? null : item.region);
    if (item.id?.includes('-')) values.set(item.id.replace(/-[^-]*$/, '-0123456789abcdef0'), item.id);
    for (const code of documentation.querySelectorAll('code')) {
      const isCommand = code.parentNode.tagName === 'PRE' ? code.className === 'language-sh' : code.textContent.startsWith('aws ');
      if (isCommand) code.textContent = code.textContent.replace(/[A-Za-z0-9_-]+/g, (word) => {
        const value = values.get(word);
        return value && /^[\w.][\w.-]*$/.test(value) ? value : word;
      });
    }
    return documentation;
  }
  /** Nothing is left to fix. */
  function removeHowToFix(documentation) {
    let isInside = false;
    for (const part of [...documentation.children]) {
      if (part.tagName === 'H4') isInside = part.textContent.startsWith('How to fix');
      if (isInside) part.remove();
    }
  }
  function details(item) {
    const { finding, data } = item;
    const out = [facts([
      ['Message', item.finding.before ? item.finding.message : message(item)], ['Failed before', finding.before], ['Rule', item.ruleId], ['Resource', item.label], ['ARN', item.arn],
      ['Resource type', item.kind], ['Region', item.region], ['Account', data.label],
      ['Labels', Object.entries(data.labels ?? {}).map(([key, value]) => `${key}=${value}`).join(', ')],
      ['Since the baseline', item.finding.why && `${word(item.state)}: ${item.finding.why}`], ['Collected', data.collected_at], ['Last checked', finding.checked_at], ['Accepted gap', finding.accepted],
      ['Fingerprint', finding.fingerprint],
    ])];
    for (const at of waiversOf(finding)) {
      const waiver = data.waivers[at];
      out.push(make('h4', {}, item.ended ? 'Waiver that ended' : 'Waiver'), facts([['Until', waiver.expires], ['Owner', waiver.owner], ['Reason', waiver.reason],
        ['Ticket', waiver.ticket], ['Written in', `${waiver.file}:${waiver.line}`]]));
    }
    for (const at of finding.causes ?? []) {
      const cause = data.causes[at];
      out.push(make('h4', {}, 'Why it could not be checked'),
        facts([['Cause', cause.text], ['Message', cause.message], ['What to do', prose(cause.advice)]]));
    }
    if (finding.evidence) {
      out.push(make('h4', {}, 'Evidence'));
      for (const piece of finding.evidence) {
        out.push(make('pre', {}, typeof piece === 'string' ? piece : JSON.stringify(piece, null, 2)));
      }
    }
    if (item.fixable === 'yes') {
      out.push(make('h4', {}, 'Fix'), make('p', {}, 'rolecall can plan the fix: ',
        make('code', {}, `rolecall remediate plan --account ${item.account} --rule ${item.ruleId}`)));
    } else if (item.verdict === 'fail' && item.waived === 'no') {
      out.push(make('h4', {}, 'Fix'), make('p', {}, 'rolecall cannot plan a fix for this rule: fix it by hand.'));
    }
    const documentation = document.querySelector(`#rule-${item.rule} .prose`)?.cloneNode(true);
    if (documentation) {
      // The list says it above.
      documentation.querySelector('.plan')?.remove();
      // What the rule says is about failures, and what was not read may need no fix.
      const isUnknown = item.verdict === 'unknown' || item.verdict === 'error';
      if (item.state === 'fixed' || isUnknown) {
        removeHowToFix(documentation);
        const what = isUnknown ? 'could not be checked' : 'no longer fails';
        out.push(make('p', { class: 'note' }, `This is what the rule says about failures; this finding ${what}.`));
      }
      out.push(fillIn(documentation, item));
    }
    return out;
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
  window.addEventListener('hashchange', () => navigate(false));
  // The address keeps the section and the filters.
  document.querySelector('a.skip').addEventListener('click', (event) => {
    event.preventDefault();
    $('content').focus();
  });

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

  // On paper there are no pages of the list to turn. The overview prints as the whole report.
  let restore = null;
  window.addEventListener('beforeprint', () => {
    if (restore) return;
    const isWhole = current === sections[0];
    if (isWhole && !isFiltered) filter('');
    const shown = [...$('list').children];
    const start = page * PAGE;
    const printed = matching.slice(0, PRINTED);
    if (isWhole || current.id === 'findings') {
      $('list').replaceChildren(...printed.map((item, at) => shown[at - start] ?? row(item)));
      $('printed').textContent =
        `Only the first ${number(printed.length)} findings are printed: filter the list to print others.`;
      $('printed').hidden = printed.length === matching.length;
    }
    const closed = [...document.querySelectorAll('#gaps details:not([open])')];
    closed.forEach((one) => { one.open = true; });
    document.body.classList.toggle('whole', isWhole);
    restore = () => {
      $('list').replaceChildren(...shown);
      $('printed').hidden = true;
      closed.forEach((one) => { one.open = false; });
      document.body.classList.remove('whole');
    };
  });
  window.addEventListener('afterprint', () => {
    restore?.();
    restore = null;
  });
  navigate(true);
})();

// The data of the report, and what the search looks at.

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
    if (finding.place) parts.push(`(${finding.place.at})`, finding.place.address);
    parts.push(...labelsOf(data));
    item.text = parts.filter(Boolean).join('\n').toLowerCase();
  }
  return item.text;
}

/** The labels of an account: `team=payments`. */
const labelsOf = ({ labels: all }) => Object.entries(all ?? {}).map(([key, value]) => `${key}=${value}`);

/** What could not be read. The gaps of a finding whose gaps are accepted are values of their own. */
function gapsOf({ finding, data }) {
  return [...new Set((finding.causes ?? []).map((at) => gapName(data.causes[at], finding)))];
}
function gapName(cause, finding) {
  const gap = cause.undecided ? 'undecided' : cause.text;
  return finding.accepted ? `${gap} (accepted)` : gap;
}

/** Prepares the search while the browser is idle, because the first one would take long otherwise. */
let prepared = 0;
function prepare(deadline) {
  while (prepared < items.length && deadline.timeRemaining() > 1) searchable(items[prepared++]);
  if (prepared < items.length) window.requestIdleCallback(prepare);
}

// What a finding shows when it is open.

/** What is wrong. A finding of the baseline says what was wrong then. */
function message(item) {
  const text = item.finding.message || item.ruleId;
  return item.verdict === 'earlier' ? `failed before: ${text}` : text;
}
/** A text with code in backticks. */
function prose(text) {
  return make('span', {}, ...text.split('`').map((part, at) => (at % 2 ? make('code', {}, part) : part)));
}
/** A list of findings. The link of a fingerprint is the address of its finding. */
function link(query, text) {
  return make('a', { href: `#findings?${query}` }, text);
}
/** The findings that a reader expects to see next to one with this verdict. */
const LIKE = { fail: 'verdict=fail&waived=no', unknown: 'verdict=unknown,error&waived=no' };
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
    ['Message', item.finding.before ? item.finding.message : message(item)], ['Failed before', finding.before],
    ['Rule', link(`rule=${encodeURIComponent(item.ruleId)}&${LIKE[item.verdict] ?? `verdict=${item.verdict}`}`, item.ruleId)],
    ['Resource', item.label], ['ARN', item.arn], ['Mentioned in', item.id && link(`text=${encodeURIComponent(item.id)}`, 'all findings with its ID')],
    ['Resource type', item.kind], ['Region', item.region],
    ['Account', link(`account=${encodeURIComponent(item.account)}&${LIKE[item.verdict] ?? `verdict=${item.verdict}`}`, data.label)],
    ['Code', finding.place && link(`text=${encodeURIComponent(`(${finding.place.at})`)}&${LIKE[item.verdict] ?? `verdict=${item.verdict}`}`, finding.place.at)],
    ['Declared as', finding.place?.address], ['Called at', finding.place?.call],
    ['Labels', labelsOf(data).join(', ')],
    ['Since the baseline', item.finding.why && `${word(item.state)}: ${item.finding.why}`], ['Collected', data.collected_at], ['Last checked', finding.checked_at], ['Accepted gap', finding.accepted],
    ['Fingerprint', finding.fingerprint],
    ['Address', finding.fingerprint && link(`text=${encodeURIComponent(finding.fingerprint)}`, 'link to this finding')],
  ])];
  for (const at of waiversOf(finding)) {
    const waiver = data.waivers[at];
    out.push(make('h4', {}, item.ended ? 'Waiver that ended' : 'Waiver'), facts([['Until', waiver.expires], ['Owner', waiver.owner], ['Reason', waiver.reason],
      ['Ticket', waiver.ticket], ['Written in', `${waiver.file}:${waiver.line}`]]));
  }
  for (const at of finding.causes ?? []) {
    const cause = data.causes[at];
    out.push(make('h4', {}, 'Why it could not be checked'),
      facts([['Cause', link(`gap=${encodeURIComponent(gapName(cause, finding))}`, cause.text)], ['Message', cause.message], ['What to do', prose(cause.advice)]]));
  }
  if (finding.evidence) {
    out.push(make('h4', {}, 'Evidence'), ...pathPictures(finding.evidence, item));
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

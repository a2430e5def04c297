// The findings of the list as a CSV file, with the columns of `--output csv`, and what is known about the baseline.

const COLUMNS = [
  ['account', ({ account }) => account],
  ['account_name', ({ data }) => data.name],
  ['region', ({ region }) => region],
  ['resource_type', ({ kind }) => kind],
  ['resource_id', ({ id }) => id],
  ['resource_name', ({ name }) => name],
  ['resource_arn', ({ arn }) => arn],
  ['rule', ({ ruleId }) => ruleId],
  ['title', ({ title }) => title],
  ['severity', (item) => item.severity],
  ['verdict', (item) => (item.verdict === 'earlier' ? '' : item.verdict)],
  ['state', ({ state }) => (state === 'none' ? '' : state)],
  ['message', ({ finding }) => finding.message],
  ['evidence', ({ finding }) => finding.evidence && JSON.stringify(finding.evidence)],
  ['accepted', ({ finding }) => finding.accepted],
  ...[['until', 'expires'], ['by', 'owner'], ['reason', 'reason'], ['ticket', 'ticket']]
    .map(([column, key]) => [`waived_${column}`, ({ finding, data }) => data.waivers?.[finding.waiver]?.[key]]),
  ['fingerprint', ({ finding }) => finding.fingerprint],
  ['collected_at', ({ data }) => data.collected_at],
  ['account_labels', ({ data }) => labelsOf(data).join(', ')],
  ['why', ({ finding }) => finding.why],
  ['source', ({ finding }) => finding.place?.at],
  ['source_address', ({ finding }) => finding.place?.address],
  ['failed_before', ({ finding, verdict }) => finding.before ?? (verdict === 'earlier' ? finding.message : '')],
];

/** A cell. A spreadsheet must not take a text for a formula. */
function csvCell(value) {
  const text = String(value ?? '');
  const shown = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ');
  const safe = /^ *[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${shown}` : shown;
  return /[",]|^ | $/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

$('download').addEventListener('click', () => {
  const rows = matching.map((item) => COLUMNS.map(([, of]) => csvCell(of(item))));
  const csv = [COLUMNS.map(([column]) => column), ...rows].map((row) => `${row.join(',')}\r\n`);
  const address = URL.createObjectURL(new Blob(csv, { type: 'text/csv' }));
  make('a', { href: address, download: 'findings.csv' }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
});

// Writes the reports that the tests open: snapshots made from the example, evaluated by rolecall.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const HOSTILE = [
  '</script><script>document.title="acted"</script>',
  '<img src=x onerror=document.title="acted">',
  '"><svg/onload=document.title="acted">',
  "' onclick='document.title=1' x='",
  '<!-- <script> -->',
  'javascript:document.title="acted"',
  '\u202eevil\u2066\u200b\u2028line\u2029end\u0000\u001b[31m',
  '{{1+1}} ${1+1} %3Cscript%3E&lt;script&gt; a&b=c,d#e?f',
  'ünïcødé 漢字 🦀',
  'a'.repeat(5000),
];

/** Runs `rolecall evaluate`. Exit codes 1 and 3 are results. */
function evaluate(rolecall, folder, ...more) {
  try {
    execFileSync(rolecall, ['evaluate', '--quiet', ...more], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  } catch (error) {
    if (error.status !== 1 && error.status !== 3) throw error;
  }
}

const lines = (file) => readFileSync(file, 'utf8').trimEnd().split('\n');

/** The example with changed lines: `change` returns the new line. */
function changed(example, folder, change) {
  cpSync(example, folder, { recursive: true });
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.jsonl'))) {
    writeFileSync(join(folder, name), lines(join(folder, name)).map(change).join('\n') + '\n');
  }
}

/** The example compared with an earlier state, with waivers, frameworks and a history. */
export function example(rolecall, snapshot, folder) {
  writeFileSync(join(folder, 'rolecall.toml'), `[[waiver]]
rule = "s3-*"
account = "acme-staging"
reason = "fixed when the storage moves"
owner = "storage team"
expires = 2026-03-20
[[waiver]]
rule = "s3-bucket-logging"
account = "acme-prod"
reason = "fixed with the next release"
owner = "web team"
expires = 2026-03-13
[[waiver]]
rule = "ec2-*"
account = "nobody-has-this-name"
reason = "matches nothing"
owner = "storage team"
expires = 2026-12-31
[[accepted_gap]]
call = "s3:GetBucketPolicyStatus"
reason = "the audit trail is closed to scanners"
`);
  const selected = ['--framework', 'cis-aws-7.0,aws-fsbp'];
  const nights = join(folder, 'nights');
  mkdirSync(nights);
  for (const day of ['12', '13']) {
    const earlier = join(folder, `earlier-${day}`);
    // Some buckets had other names: they were deleted since, and today's are new.
    const names = day === '12' ? /acme-(staging|data|prod)-/g : /acme-(staging|data)-/g;
    changed(snapshot, earlier, (line) => (line.includes('"kind":"s3.bucket"') ? line.replace(names, 'acme-earlier-') : line)
      .replace(/2026-03-14T/g, `2026-03-${day}T`));
    evaluate(rolecall, folder, '--snapshot', earlier, ...selected, '--output', `json=${join(nights, `2026-03-${day}.json`)}`,
      '--baseline', day === '12' ? 'none' : join(nights, '2026-03-12.json'));
  }
  const file = join(folder, 'example.html');
  evaluate(rolecall, folder, '--snapshot', snapshot, ...selected, '--config', 'rolecall.toml', '--output', `html=${file}`,
    '--output', `json=${join(folder, 'example.json')}`, '--baseline', join(nights, '2026-03-13.json'), '--history', nights);
  return file;
}

/** Instances that the internet reaches. */
export function paths(rolecall, snapshot, folder) {
  const file = join(folder, 'paths.html');
  evaluate(rolecall, folder, '--snapshot', snapshot, '--rule', 'ec2-instance-internet-reachable', '--output', `html=${file}`);
  return file;
}

/** Buckets that everyone can read, by a policy and by an ACL. */
export function buckets(rolecall, snapshot, folder) {
  const file = join(folder, 'buckets.html');
  evaluate(rolecall, folder, '--snapshot', snapshot, '--rule', 's3-bucket-public-read', '--output', `html=${file}`);
  return file;
}

/** Names, tags and messages that try to act. */
export function hostile(rolecall, snapshot, folder) {
  const source = join(folder, 'hostile');
  let at = 0;
  changed(snapshot, source, (line) => {
    const row = JSON.parse(line);
    if (!row.facts || Array.isArray(row.facts)) return line;
    const text = HOSTILE[at++ % HOSTILE.length];
    row.facts.tags = { Name: text, [text]: text };
    if ('description' in row.facts) row.facts.description = text;
    if ('group_name' in row.facts && row.facts.group_name !== 'default') row.facts.group_name = text;
    return JSON.stringify(row);
  });
  const file = join(source, 'snapshot.json');
  const about = JSON.parse(readFileSync(file, 'utf8'));
  about.targets.forEach((target, number) => {
    target.name = HOSTILE[number];
    target.labels = { [HOSTILE[number]]: HOSTILE[number + 1] };
  });
  writeFileSync(file, JSON.stringify(about));
  const out = join(folder, 'hostile.html');
  evaluate(rolecall, folder, '--snapshot', source, '--rule-profile', 'all', '--output', `html=${out}`);
  return out;
}

/** A run without findings. */
export function empty(rolecall, snapshot, folder) {
  const source = join(folder, 'empty');
  mkdirSync(source);
  const about = JSON.parse(readFileSync(join(snapshot, 'snapshot.json'), 'utf8'));
  writeFileSync(join(source, 'snapshot.json'), JSON.stringify({ ...about, targets: [] }));
  const out = join(folder, 'empty.html');
  evaluate(rolecall, folder, '--snapshot', source, '--output', `html=${out}`);
  return out;
}

/** The accounts of the example again and again, until there are more than 50,000 findings. */
export function large(rolecall, snapshot, folder) {
  const source = join(folder, 'large');
  mkdirSync(source);
  const about = JSON.parse(readFileSync(join(snapshot, 'snapshot.json'), 'utf8'));
  const targets = [];
  for (let copy = 0; copy < 20; copy += 1) {
    for (const [at, target] of about.targets.entries()) {
      const id = String(100_000_000_000 + copy * 10 + at);
      targets.push({ ...target, account: id, name: `${target.name}-${copy}`, role: target.role.replace(target.account, id) });
      const text = readFileSync(join(snapshot, `${target.account}.jsonl`), 'utf8');
      writeFileSync(join(source, `${id}.jsonl`), text.replaceAll(target.account, id));
    }
  }
  writeFileSync(join(source, 'snapshot.json'), JSON.stringify({ ...about, targets }));
  const out = join(folder, 'large.html');
  evaluate(rolecall, folder, '--snapshot', source, '--rule-profile', 'all', '--output', `html=${out}`);
  return out;
}

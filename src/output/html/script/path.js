// The path from the internet to an instance, or from everyone to a bucket, as a picture.

/** More paths of a finding are only in its evidence. */
const MAX_PICTURES = 5;
/** An element of a picture; strings become text nodes. */
function draw(name, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
/** The first three items, and how many more there are. */
function firstOf(items) {
  const all = [items ?? []].flat();
  return all.slice(0, 3).join(', ') + (all.length > 3 ? ` and ${all.length - 3} more` : '');
}
/** The first of several components that are needed together. */
const withMore = (first, more) => more ? `${first} and ${more} more` : first;
/** The components of a path, each with what it is; none if the evidence is not a path. */
function components(piece) {
  if (!piece?.internet_gateway_id || !piece.network_interface_id || !piece.network_acl_id) return [];
  const family = { ipv4: 'IPv4', ipv6: 'IPv6' }[piece.ip_version];
  const groups = [piece.security_group_id, piece.other_security_group_ids ?? []].flat();
  const source = piece.prefix_list_id ? `${piece.source} in ${piece.prefix_list_id}` : piece.source;
  const all = [
    ['Internet', piece.traffic && family ? `${piece.traffic} (${family})` : piece.traffic],
    ['Internet gateway', piece.internet_gateway_id],
    ['Appliance, rules not read', piece.appliance_id],
    ['Route table', piece.route_table_id, piece.route && `route ${withMore(piece.route, piece.more_routes)}`],
    ['Network ACL', piece.network_acl_id, `rules ${piece.ingress_rule ?? '?'} in, ${piece.egress_rule ?? '?'} out`],
    [groups.length > 1 ? 'Security groups' : 'Security group', groups[0] && firstOf(groups), piece.source && `from ${withMore(source, piece.more_sources)}`],
    ['Network interface', piece.network_interface_id, firstOf(piece.addresses)],
    ['Instance', piece.instance_id],
    ['Instance profile', piece.instance_profile],
  ];
  return all.filter(([, id]) => id != null && id !== '')
    .map(([name, ...texts]) => [name, texts.filter((text) => text).map(String).join(' · ')]);
}
/** What gives everyone access to a bucket or an access point; none if the evidence is not a grant. */
function grant(piece, item) {
  const target = { 's3.bucket': 'Bucket', 's3.access_point': 'Access point' }[item.kind];
  const statement = piece?.policy ?? piece;
  const [acl, reason] = [piece?.acl, statement?.reason];
  if (!target || typeof (acl ? acl.permission : reason) !== 'string') return [];
  if (acl) {
    const who = acl.group === 'AllUsers' ? 'Everyone' : 'Any AWS account';
    return [[who, String(acl.group)], ['ACL', acl.permission], [target, item.id]];
  }
  const name = statement.sid ? `statement "${statement.sid}"` : statement.index && `statement ${statement.index}`;
  const who = statement.limited_to ? [String(statement.principal), `only ${statement.limited_to}`] : [String(statement.principal ?? '*')];
  return [[statement.limited_to ? 'Everyone, with conditions' : 'Everyone', who.join(' · ')],
    [target === 'Bucket' ? 'Bucket policy' : 'Access point policy', [name, reason].filter((text) => text).join(' · ')],
    [target, item.id]];
}
/** One component below the other. */
function pathPicture(piece, item) {
  const path = components(piece);
  const parts = path.length ? path : grant(piece, item);
  if (!parts.length) return null;
  const [height, gap, width] = [44, 18, 560];
  const label = parts.map(([name, text]) => `${name} ${text}`).join(', then ');
  const picture = draw('svg', { class: 'path', role: 'img', 'aria-label': `Path: ${label}`,
    viewBox: `0 0 ${width} ${parts.length * (height + gap) - gap}` });
  parts.forEach(([name, text], at) => {
    const top = at * (height + gap);
    if (at) picture.append(draw('path', { d: `M 24 ${top - gap} v ${gap - 2} m -4 -5 l 4 5 l 4 -5` }));
    const shown = text.length > 76 ? `${text.slice(0, 75)}…` : text;
    picture.append(
      draw('rect', { x: 1, y: top + 1, width: width - 2, height: height - 2, rx: 4 }),
      draw('text', { class: 'name', x: 12, y: top + 17 }, name),
      draw('text', { x: 12, y: top + 35 }, shown),
    );
  });
  return picture;
}
/** Pictures of the paths in the evidence of a finding. */
const pathPictures = (evidence, item) => evidence.map((piece) => pathPicture(piece, item)).filter((picture) => picture).slice(0, MAX_PICTURES);

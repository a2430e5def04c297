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

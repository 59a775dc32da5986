/* Returns what is out of order on the page, in words. */
async (isDesk) => {
  for (const _frame of [1, 2]) await new Promise(requestAnimationFrame);  // laid out, after a resize
  const said = [];
  const text = it => it.outerHTML.replace(/\s+/g, ' ').slice(0, 140);
  const say = (what, it) => said.push(`${what}: ${typeof it === 'string' ? it : text(it)}`);
  const isThere = it => it.checkVisibility({visibilityProperty: true, opacityProperty: false})
    && !it.closest('[inert], [aria-hidden=true]');
  const all = selector => [...document.querySelectorAll(selector)].filter(isThere);
  const byId = (it, attribute) => (it.getAttribute(attribute) ?? '').split(/\s+/).filter(Boolean)
    .map(id => document.getElementById(id));
  const nameOf = it => it.getAttribute('aria-label')
    ?? byId(it, 'aria-labelledby').map(one => one?.textContent).join(' ');

  const headings = all('h1, h2, h3, h4, h5, h6');
  const level = it => Number(it.tagName[1]);
  const first = headings.filter(it => level(it) === 1);
  if (first.length !== 1) say('not one h1', String(first.map(text)));
  // The desk's menu stands before its page and has headings of its own.
  const inOrder = isDesk ? headings.filter(it => it.closest('main, [role=main]')) : headings;
  let before = isDesk ? 1 : 0;
  for (const it of inOrder) {
    if (level(it) > before + 1) say(`h${level(it)} after h${before}`, it);
    before = level(it);
  }
  for (const it of headings) if (!it.textContent.trim()) say('empty heading', it);

  const mains = all('main, [role=main]').length;
  if (mains !== 1) say('not one main', String(mains));
  const named = all('nav, form[role=search], [role=region], [role=navigation]');
  for (const it of named) if (!nameOf(it)?.trim()) say('landmark without a name', it);
  const navs = all('nav').map(nameOf);
  for (const one of new Set(navs)) {
    if (navs.filter(other => other === one).length > 1) say('two navs of one name', String(one));
  }

  for (const it of all('[tabindex]')) if (it.tabIndex > 0) say('positive tabindex', it);
  for (const it of all('[aria-describedby], [aria-labelledby], [aria-controls]')) {
    for (const attribute of ['aria-describedby', 'aria-labelledby', 'aria-controls']) {
      if (byId(it, attribute).includes(null)) say(`${attribute} leads nowhere`, it);
    }
  }

  for (const it of all('input:not([type=hidden]), select, textarea')) {
    const label = [...(it.labels ?? [])].map(one => one.textContent).join('') + (nameOf(it) ?? '');
    if (!label.trim()) say('field without a label', it);
    const group = it.closest('fieldset');
    const notes = [...byId(it, 'aria-describedby'), ...(group ? byId(group, 'aria-describedby') : [])];
    if (it.getAttribute('aria-invalid') === 'true' && !notes.some(one => one?.textContent.trim())) {
      say('wrong field without a reason', it);
    }
  }
  for (const it of all('.field__error, :is(main, [role=main]) .errorlist')) {
    const fields = [...document.querySelectorAll('[aria-describedby]')]
      .filter(one => byId(one, 'aria-describedby').some(note => note?.contains(it) || it.contains(note)));
    if (!fields.some(one => one.matches('[aria-invalid=true], :has([aria-invalid=true])'))) {
      say('error that no field tells of', it);
    }
  }

  const LIVE = '[aria-live], [role=status], [role=alert], [role=log]';
  for (const it of document.querySelectorAll('[hx-get], [hx-post], [hx-boost=true]')) {
    const wanted = it.closest('[hx-target]')?.getAttribute('hx-target');
    const target = wanted && wanted !== 'this' ? document.querySelector(wanted) : it;
    const others = (it.getAttribute('hx-select-oob') ?? '').split(',').filter(Boolean)
      .map(one => document.querySelector(one.split(':')[0]));
    if (!target) { say('htmx aims at nothing', it); continue; }
    const isHeard = target.closest(LIVE) || target.querySelector(LIVE) || target.tabIndex === -1
      || others.some(one => one?.matches(LIVE));
    if (!isHeard) say('htmx changes it unheard', target);
  }

  const stops = all('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]')
    .filter(it => it.tabIndex >= 0 && !it.disabled)
    .map(it => ({it, box: it.getClientRects()[0]}))
    .filter(({box}) => box && box.width > 1 && box.height > 1 && box.right > 0 && box.bottom + scrollY > 0)
    .filter(({it}) => {
      for (let up = it; up; up = up.parentElement) {
        if (['fixed', 'sticky'].includes(getComputedStyle(up).position)) return false;
      }
      return true;
    });
  const TOLERANCE = 6;
  for (let at = 1; at < stops.length; at++) {
    const [a, b] = [stops[at - 1].box, stops[at].box];
    const isAbove = b.bottom <= a.top + TOLERANCE;
    const isRight = b.left >= a.right - TOLERANCE;
    const isBeside = b.top < a.bottom - TOLERANCE && b.bottom > a.top + TOLERANCE;
    if (isAbove && !isRight) say('the next stop is above', `${text(stops[at - 1].it)} -> ${text(stops[at].it)}`);
    if (isBeside && b.right <= a.left + TOLERANCE) {
      say('the next stop is to the left', `${text(stops[at - 1].it)} -> ${text(stops[at].it)}`);
    }
  }
  return said;
}

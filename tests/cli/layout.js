// What is wrong with a page as a browser has laid it out: a function that gives a list of complaints, empty where all is well.
// It looks at what is to be seen: closed folds are opened first, but on paper, where they must show by themselves.
({ paper }) => {
  const bad = new Set(), say = (what, e) => bad.add(what + (e ? ': ' + (e.nodeName === '#text' ? e.data : e.textContent).trim().slice(0, 70) : ''));
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const inside = (r, o, by) => r.left >= o.left - by && r.right <= o.right + by && r.top >= o.top - by && r.bottom <= o.bottom + by;
  const nameOf = e => e.tagName.toLowerCase() + (e.getAttribute('class') ? '.' + e.getAttribute('class').split(' ').join('.') : '');
  if (!paper) all('details').forEach(d => d.open = true);
  else all('details:not([open])').forEach(d => { if (!d.lastElementChild.getBoundingClientRect().height) say('not on paper', d.firstElementChild); });

  // ---- nothing is wider than what it stands in
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) bad.add('the page is ' + document.documentElement.scrollWidth + ' wide');
  all('body *:not(svg *)').forEach(e => {
    const r = e.getBoundingClientRect(), scrolled = e.parentElement.closest('.picture,pre');
    if (r.width && !scrolled && (r.left < -1 || r.right > width + 1)) say(nameOf(e) + ' leaves the window', e);
    if (r.width && e.matches('td,th,dd,dt,p,h1,h2,h3,summary,li,a,b,table,.scroll,.card,.verdict') && e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
      say(nameOf(e) + ' is overfull', e);
  });

  // ---- no text stands on another
  const texts = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, e = node.parentElement;
    if (!node.data.trim() || e.closest('title,desc,.number-text,.tip,style')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const r of range.getClientRects()) if (r.width > 1 && r.height > 1) texts.push({ node, r });
  }
  if (texts.length < 20) bad.add('there is hardly any text');
  texts.sort((a, b) => a.r.top - b.r.top);
  texts.forEach((a, i) => {
    for (let k = i + 1; k < texts.length && texts[k].r.top < a.r.bottom - 4; k++) {
      const b = texts[k];
      if (a.r.left < b.r.right - 1 && b.r.left < a.r.right - 1 && a.node !== b.node) say('texts overlap, with `' + b.node.data.trim().slice(0, 40) + '`', a.node);
    }
  });

  // ---- pictures
  all('svg').forEach((svg, n) => {
    const frame = svg.getBoundingClientRect(), apart = '.box>.chip,.box>.address,.box>.more';
    if (!frame.width) return;
    all('text', svg).filter(e => !e.closest('.tip')).forEach(e => {
      const r = e.getBoundingClientRect(), box = e.parentNode.matches('.box') && e.parentNode.querySelector('rect');
      if (!inside(r, frame, 1)) say('picture ' + n + ', text outside', e);
      if (box && !inside(r, box.getBoundingClientRect(), 1)) say('picture ' + n + ', text leaves its box', e);
    });
    const boxes = all(apart, svg).map(e => e.getBoundingClientRect());
    boxes.forEach((a, i) => boxes.slice(0, i).forEach(b => {
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) bad.add('picture ' + n + ', boxes overlap');
    }));
    const n_rows = all('.row', svg).length, n_hot = all('.hot', svg).length;
    if (n_rows && n_hot !== n_rows) bad.add('picture ' + n + ': ' + n_rows + ' packets, details of ' + n_hot);
    all('.hot', svg).forEach(e => { if (!e.querySelector('.tip').textContent.trim() || e.tabIndex !== 0) say('no details', e); });
  });
  if (paper) return [...bad];

  // ---- legible: contrast as WCAG 2 AA asks for
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
  const behind = (e, r) => {
    if (e.closest('svg'))
      for (const shape of document.elementsFromPoint((r.left + r.right) / 2, (r.top + r.bottom) / 2)) {
        const style = getComputedStyle(shape);
        if (!shape.closest('svg') || shape.matches('svg')) break;
        if (shape.matches('rect,circle') && style.fill !== 'none' && style.fillOpacity === '1') return style.fill;
      }
    for (let at = e.closest('svg')?.parentElement || e; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgb(colour)[3] === 255) return colour;
    }
    return 'white';
  };
  const seen = new Map();
  texts.forEach(({ node, r }) => {
    const e = node.parentElement, style = getComputedStyle(e), svg = e.closest('svg'), colour = svg ? style.fill : style.color, back = behind(e, r);
    const key = colour + '/' + back;
    if (!seen.has(key)) {
      const [a, b] = [luminance(rgb(colour)), luminance(rgb(back))];
      seen.set(key, (Math.max(a, b) + .05) / (Math.min(a, b) + .05));
    }
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 600);
    if (seen.get(key) < (large ? 3 : 4.5)) say('hard to read, ' + key + ', ' + seen.get(key).toFixed(1), node);
  });
  return [...bad];
}

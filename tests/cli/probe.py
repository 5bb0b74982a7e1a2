"""Copies a page with its policy replaced by a probe, which opens all folds and lists what overflows, is clipped or stands on something else.

Usage: probe.py PAGE COPY. A browser that loads the copy shows `ok`, or the list, in the one element that is left, `<pre id="probe">`."""
import re
import sys

PROBE = r"""<script>
addEventListener('load', () => {
  const bad = [], inside = (r, o, by) => r.left >= o.left - by && r.right <= o.right + by && r.top >= o.top - by && r.bottom <= o.bottom + by;
  document.querySelectorAll('details').forEach(d => d.open = true);
  if (document.documentElement.scrollWidth > innerWidth)
    bad.push('the page is ' + document.documentElement.scrollWidth + ' wide');
  document.querySelectorAll('td,dd,p,h1,h2,h3,summary,li').forEach(e => {
    if (e.scrollWidth > e.clientWidth + 1) bad.push('clipped: ' + e.textContent.slice(0, 60));
  });
  document.querySelectorAll('svg').forEach((svg, n) => {
    const frame = svg.getBoundingClientRect(), texts = [...svg.querySelectorAll('text')].map(e => [e, e.getBoundingClientRect()]);
    texts.forEach(([e, r], i) => {
      if (!inside(r, frame, 1)) bad.push('picture ' + n + ', text outside: ' + e.textContent);
      const box = e.parentNode.matches('.box') && e.parentNode.querySelector('rect').getBoundingClientRect();
      if (box && !inside(r, box, 1)) bad.push('picture ' + n + ', text leaves its box: ' + e.textContent);
      texts.slice(0, i).forEach(([f, s]) => {
        if (r.left < s.right - 1 && s.left < r.right - 1 && r.top < s.bottom - 3 && s.top < r.bottom - 3 && !e.matches('.number-text') && !f.matches('.number-text'))
          bad.push('picture ' + n + ', texts overlap: ' + e.textContent + ' / ' + f.textContent);
      });
    });
    const chips = [...svg.querySelectorAll('.box>.chip,.box>.address')].map(e => e.getBoundingClientRect());
    chips.forEach((a, i) => chips.slice(0, i).forEach(b => {
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) bad.push('picture ' + n + ', boxes overlap');
    }));
  });
  document.querySelectorAll('.row').forEach(e => {
    if (!e.querySelector(':scope>title')) bad.push('a row without details');
  });
  const pre = document.createElement('pre');
  pre.id = 'probe';
  pre.textContent = bad.length ? bad.slice(0, 30).join('\n') : 'ok';
  document.body.replaceChildren(pre);
});
</script></body>"""

with open(sys.argv[1], encoding="utf-8") as page:
    text = page.read()
text, n = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
assert n == 1, "the page has one policy"
with open(sys.argv[2], "w", encoding="utf-8") as copy:
    copy.write(text.replace("</body>", PROBE))

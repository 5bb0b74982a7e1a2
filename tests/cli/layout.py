"""Looks at pages as a browser lays them out: at several widths, light, dark and on paper, with the pointer and from the keyboard.

Usage: layout.py [--shots DIRECTORY] [--page | --narrow | --picture] PAGE...
The pages after --narrow are looked at in the least width alone, those after --picture in the greatest and at the layout alone. Prints for each page what is
wrong, a line each, or `PAGE: ok`; ends with 1 where something is wrong, with 0 otherwise. With --shots it leaves a picture of what it saw, for people.
All pages are opened by one browser: starting one takes longer than looking at a page."""
import base64
import os
import sys

from browser import Browser, Failed

WIDTHS = [420, 920, 1600]
PAPER = 1039  # A4 landscape between its margins
MANY_PICTURES = 8  # of those beyond, the pointer visits one place each

HOTS = "[...document.querySelectorAll('.hot')]"
SHOWN = "[...document.querySelectorAll('.tip')].filter(e => e.getBoundingClientRect().width > 0)"
# The middle of a place that has details, brought into sight, and whether its details are what a pointer there would show.
WHERE = HOTS + """[%d].querySelector('.hit') && (() => {
  const hit = """ + HOTS + """[%d].querySelector('.hit');
  hit.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
  const r = hit.getBoundingClientRect(), nav = document.querySelector('nav').getBoundingClientRect().bottom;
  for (const [across, down] of [[.5, .5], [.5, .1], [.02, .5], [.3, .95], [.97, .04]]) {
    const x = Math.min(Math.max(r.left + r.width * across, 2), innerWidth - 2), y = r.top + r.height * down;
    if (document.elementFromPoint(x, y) === hit) return [x, y];
  }
  return null;
})()"""
# What shows, and whether all of it can be seen.
STATE = """(() => {
  const shown = """ + SHOWN + """, hots = """ + HOTS + """;
  return shown.map(tip => {
    const r = tip.getBoundingClientRect(), frame = tip.closest('svg').getBoundingClientRect(), box = tip.querySelector('.tip-box').getBoundingClientRect();
    const within = (a, b) => a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
    const texts = [...tip.querySelectorAll('tspan')].every(t => within(t.getBoundingClientRect(), box));
    return {of: hots.indexOf(tip.closest('.hot')), whole: within(box, frame) && within(r, {left: box.left - 30, right: box.right + 30, top: box.top - 30, bottom: box.bottom + 30}),
            texts, words: tip.textContent.trim().length};
  });
})()"""


class Looker:
    def __init__(self, browser, widths, shots):
        self.browser = browser
        self.widths = widths
        self.shots = shots
        self.found = []
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "layout.js"), encoding="utf-8") as script:
            self.probe = script.read()

    def say(self, page, where, what):
        self.found.append("%s, %s: %s" % (page, where, what))

    def shoot(self, page, where):
        if self.shots:
            data = self.browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
            name = os.path.basename(os.path.dirname(os.path.abspath(page))) + "-" + where.replace(" ", "-") + ".png"
            with open(os.path.join(self.shots, name), "wb") as file:
                file.write(base64.b64decode(data))

    def layout(self, page, width, scheme, media):
        where = "on paper" if media == "print" else "%d %s" % (width, scheme)
        self.browser.dress(width, 900, scheme, media)
        self.browser.open(page)
        self.browser.run("document.querySelectorAll('details').forEach(d => d.open = true)" if media == "screen" else "0")
        height = self.browser.run("document.documentElement.scrollHeight")
        self.browser.dress(width, height, scheme, media)  # all of it is in sight
        for what in self.browser.run("(%s)({paper: %s})" % (self.probe.split("\n", 2)[2], "true" if media == "print" else "false")):
            self.say(page, where, what)
        self.shoot(page, where)

    def expect_details(self, page, where, index):
        state = self.browser.run(STATE)
        if [s["of"] for s in state] != [index]:
            self.say(page, where, "details of place %d were asked for, there are those of %s" % (index, [s["of"] for s in state]))
        elif not state[0]["whole"] or not state[0]["texts"] or state[0]["words"] < 3:
            self.say(page, where, "details of place %d are not all to be seen" % index)

    def details(self, page, width):
        """Each picture's first, middle and last place: by a pointer that comes and goes; then two of them from the keyboard."""
        self.browser.dress(width, 900)
        self.browser.open(page)
        self.browser.run("document.querySelectorAll('details').forEach(d => d.open = true)")
        pictures = self.browser.run("[...document.querySelectorAll('svg')].map(s => [...s.querySelectorAll('.hot')].length)")
        first, n_shown = 0, 0
        for number, n in enumerate(pictures):
            chosen = {first, first + n // 2, first + n - 1} if number < MANY_PICTURES else {first}
            for index in sorted(chosen if n else set()):
                at = self.browser.run(WHERE % (index, index))
                if not at:
                    continue  # it is covered by what it contains
                self.browser.point(*at)
                self.expect_details(page, "pointer, %d" % width, index)
                self.browser.point(1, 1)
                if self.browser.run(SHOWN + ".length"):
                    self.say(page, "pointer, %d" % width, "details of place %d stay when the pointer goes" % index)
                n_shown += 1
            first += n
        if n_shown < 2:
            self.say(page, "pointer, %d" % width, "hardly anything shows details")
        if first > 1:
            self.browser.run(HOTS + "[0].focus()")
            self.expect_details(page, "keyboard", 0)
            for kind in ("keyDown", "keyUp"):
                self.browser.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
            self.expect_details(page, "keyboard", 1)

    def look(self, page, picture):
        for width in self.widths:
            self.layout(page, width, "light", "screen")
        if picture:
            return
        for width in sorted({self.widths[0], self.widths[-1]}):
            self.layout(page, width, "dark", "screen")
        self.layout(page, PAPER, "light", "print")
        for width in sorted({self.widths[0], self.widths[-1]}):
            self.details(page, width)


KINDS = {"--page": (WIDTHS, False), "--narrow": (WIDTHS[:1], False), "--picture": (WIDTHS[-1:], True)}
SECONDS = 120  # for the start and one page; what takes longer hangs


def planned(arguments):
    """The pages with their widths, and whether they are pictures alone."""
    kind, plan = KINDS["--page"], []
    for argument in arguments:
        if argument in KINDS:
            kind = KINDS[argument]
        else:
            plan.append((argument,) + kind)
    return plan


def main(arguments):
    shots = None
    if arguments[:1] == ["--shots"]:
        shots, arguments = arguments[1], arguments[2:]
    plan, browser, status = planned(arguments), None, 0
    for page, widths, picture in plan:
        found = []
        try:
            if browser is None:
                browser = Browser(seconds=SECONDS).__enter__()
            browser.allow(SECONDS)
            looker = Looker(browser, widths, shots)
            found = looker.found
            looker.look(page, picture)
        except Failed as problem:
            found.append("%s: %s" % (page, problem))
            if browser is not None:
                browser.__exit__()
                browser = None
        print("\n".join(found[:60]) if found else page + ": ok", flush=True)
        status |= bool(found)
    if browser is not None:
        browser.__exit__()
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

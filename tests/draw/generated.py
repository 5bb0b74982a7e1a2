#!/usr/bin/env python3
"""Pictures of generated networks: no two boxes overlap, no line and no number crosses a name, no way of a call meets a box at which it does not end.

Usage: generated.py PKTPATH COUNT. Prints a line a network, as the shell tests do."""
import random
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"
CONTAINERS = {"region", "vnet", "subnet", "environment", "services", "site", "internet", "backbone"}
LEAVES = {"chip", "address", "more"}
LINES = {"wire", "peering", "next-hop", "way", "way-lost"}


def scenario(seed):
    """A network: regions, peered networks, environments, appliances, private networks, hosts; and some calls."""
    rng = random.Random(seed)
    out = ["scenario: 1", f"name: generated-{seed}", "network:"]
    regions = [f"region-{i}" for i in range(rng.choice([1, 1, 2, 3]))]
    out.append("  regions: {%s}" % ", ".join(f"{r}: {{}}" for r in regions))
    n_vnets = rng.choice([1, 2, 3, 5, 9, 20])
    names = [f"net-{i}" for i in range(n_vnets)]
    out.append("  vnets:")
    subnets = []
    for i, name in enumerate(names):
        hub = f", peers: [{names[0]}]" if i and rng.random() < 0.8 else ""
        mesh = f", peers: [{names[0]}, {names[i - 1]}]" if i > 1 and rng.random() < 0.2 else hub
        parts = []
        for k in range(rng.randint(1, 3)):
            routes = ", routes: by-box" if rng.random() < 0.4 else ""
            group = ", nsg: guard" if rng.random() < 0.4 else ""
            parts.append(f"sub-{k}: {{cidr: 10.{i}.{k}.0/24{routes}{group}}}")
            subnets.append((name, k, i))
        out.append(f"    {name}: {{region: {rng.choice(regions)}, space: [10.{i}.0.0/16]{mesh}, subnets: {{{', '.join(parts)}}}}}")
    out.append("  nsgs: {guard: {inbound: [{name: web, priority: 100, action: allow, proto: tcp, src: 10.0.0.0/8, dst_ports: 443}]}}")
    out.append("  route_tables: {by-box: {routes: {away: {prefix: 198.18.0.0/15, next_hop: box}}}}")
    if rng.random() < 0.6:
        name, k, i = subnets[-1]
        out.append(f"  ases: {{env: {{subnet: {name}/sub-{k}, vip: 192.23.1.2, front_ends: {rng.randint(1, 3)}, workers: {rng.randint(1, 5)}, apps: {{web: {{}}}}}}}}")
    sites = []
    if rng.random() < 0.6:
        sites.append(f"hq: {{prefixes: [192.168.0.0/16], gateway: {{vnet: {names[0]}, kind: vpn}}" + rng.choice(["", ", nat: {address: 198.51.100.9}"]) + "}")
    if rng.random() < 0.5:
        sites.append("home: {prefixes: [172.16.0.0/16], nat: {address: 198.51.100.20}}")
    if sites:
        out.append("  sites: {%s}" % ", ".join(sites))
    out.append("  hosts:")
    out.append("    box: {subnet: %s/sub-0, ip: 10.0.0.40, forwards: true, nat: {}, public_ip: 203.0.113.40}" % names[0])
    out.append("    partner: {internet: true, ip: 203.0.113.10, listen: [443/tcp]}")
    if any(s.startswith("hq") for s in sites):
        out.append("    pc: {site: hq, ip: 192.168.5.5}")
    if any(s.startswith("home") for s in sites):
        out.append("    laptop: {site: home, ip: 172.16.0.5}")
    machines, homes = [], {}
    for n, (name, k, i) in enumerate(subnets):
        for m in range(rng.randint(0, 4)):
            public = f", public_ip: 203.0.113.{100 + len(machines)}" if rng.random() < 0.15 and len(machines) < 99 else ""
            machines.append(f"vm-{n}-{m}")
            homes.setdefault(name, []).append(machines[-1])
            out.append(f"    {machines[-1]}: {{subnet: {name}/sub-{k}, ip: 10.{i}.{k}.{50 + m}, listen: [443/tcp]{public}}}")
    out += azure(random.Random(seed + 1000), names, subnets, homes, out)
    callers = machines + ["box"] + (["pc"] if any(s.startswith("hq") for s in sites) else [])
    out.append("flows:")
    out.append(f"  first: {{from: {rng.choice(callers)}, to: \"partner:443/tcp\"}}")
    target = rng.choice(machines) if machines else "box"
    out.append(f"  second: {{from: {rng.choice(callers)}, to: \"{target}:{rng.choice(['443', '22'])}/tcp\", at: 1s}}")
    out += more_calls(random.Random(seed + 2000), "\n".join(out), homes.get(names[0], []) or machines)
    return "\n".join(out) + "\n"


def more_calls(rng, text, callers):
    """From the Internet to what has a public address, and from inside to balancers and endpoints."""
    fronts = re.findall(r"(lb-\d+): {frontends: {in: {(address: 203|subnet)", text)
    visited = [f"{name}/in:443" for name, where in fronts if where != "subnet"] + ["203.0.113.40:443"] + re.findall(r"vm-.*public_ip: (203\.0\.113\.1\d\d)", text)
    visited += ["shop:443"] if " web_apps: " in text else []
    called = [f"{name}/in:443" for name, _ in fronts] + (["db-pe:1433"] if " private_endpoints: " in text else [])
    port = {name: name if ":" in name else name + ":443" for name in visited}
    calls = [f"  visit: {{from: partner, to: \"{port[rng.choice(visited)]}/tcp\", at: 2s}}"]
    if called and callers:
        calls.append(f"  inner: {{from: {rng.choice(callers)}, to: \"{rng.choice(called)}/tcp\", at: 3s}}")
    return calls


def azure(rng, names, subnets, homes, out):
    """Sections of what Azure has besides, and the keys of subnets that go with them: firewalls, balancers, NAT gateways, private endpoints, apps."""
    sections = []
    if rng.random() < 0.4:
        line = next(n for n, text in enumerate(out) if text.startswith(f"    {names[0]}: "))
        out[line] = out[line].replace("subnets: {", "subnets: {AzureFirewallSubnet: {cidr: 10.0.250.0/26}, ")
        sections.append(f"  firewalls: {{fw: {{subnet: {names[0]}/AzureFirewallSubnet, address: 10.0.250.4, public: 203.0.113.30, rules: {{network: "
                        "[{name: inner, priority: 100, action: allow, rules: [{name: all, src: 10.0.0.0/8, dst: 10.0.0.0/8}]}]}}}")
    if rng.random() < 0.6:
        gateways = {}
        for i, name in enumerate(names):
            if rng.random() < 0.5 and len(gateways) < 5 and (name, 0, i) != subnets[-1]:  # which an environment may have
                gateways[f"nat-{i}"] = f"203.0.113.{200 + i}"
                line = next(n for n, text in enumerate(out) if text.startswith(f"    {name}: "))
                if f"10.{i}.0.0/24" in out[line]:
                    out[line] = out[line].replace(f"cidr: 10.{i}.0.0/24", f"cidr: 10.{i}.0.0/24, nat_gateway: nat-{i}")
                else:
                    del gateways[f"nat-{i}"]
        if gateways:
            sections.append("  nat_gateways: {%s}" % ", ".join(f"{g}: {{address: {a}}}" for g, a in gateways.items()))
    balancers = []
    for n, (name, members) in enumerate(homes.items()):
        if rng.random() < 0.5 or len(balancers) == 4:
            continue
        k, i = next((k, i) for at, k, i in subnets if at == name)
        front = f"address: 203.0.113.{220 + n}" if rng.random() < 0.5 else f"subnet: {name}/sub-{k}, address: 10.{i}.{k}.200"
        balancers.append(f"lb-{n}: {{frontends: {{in: {{{front}}}}}, pools: {{all: [{', '.join(members[:rng.randint(1, 9)])}]}}, "
                         "rules: [{name: web, frontend: in, port: 443/tcp, pool: all}]}")
    if balancers:
        sections.append("  load_balancers: {%s}" % ", ".join(balancers))
    if rng.random() < 0.4:
        name, k, i = subnets[0]
        sections.append(f"  private_endpoints: {{db-pe: {{subnet: {name}/sub-{k}, address: 10.{i}.{k}.210, to: db}}}}")
        out.append("    db: {service: sql, region: region-0, ip: 192.0.2.10}")
    if rng.random() < 0.3:
        sections.append("  web_apps: {shop: {region: region-0, instances: 2, inbound: 203.0.113.60, outbound: [203.0.113.70, 203.0.113.71]}}")
    return sections


class Rect:
    def __init__(self, x, y, w, h, what):
        self.x, self.y, self.w, self.h, self.what = x, y, w, h, what

    def meets(self, other, slack=0.0):
        return (self.x + slack < other.x + other.w and other.x + slack < self.x + self.w and
                self.y + slack < other.y + other.h and other.y + slack < self.y + self.h)

    def holds(self, other):
        return (self.x <= other.x and self.y <= other.y and self.x + self.w >= other.x + other.w and
                self.y + self.h >= other.y + other.h)

    def crossed(self, a, b):
        """By an upright or level line; corners are rounded within a few pixels."""
        line = Rect(min(a[0], b[0]), min(a[1], b[1]), abs(a[0] - b[0]), abs(a[1] - b[1]), "line")
        line.w, line.h = max(line.w, 0.1), max(line.h, 0.1)
        return self.meets(line, 0.05)


def text_box(element):
    classes = (element.get("class") or "").split()
    px = 18 if "big" in classes else 11 if "small" in classes or "mono" in classes else 12
    width = len(element.text or "") * px * (0.6 if "mono" in classes else 0.52)
    x, y = float(element.get("x")), float(element.get("y"))
    anchor = element.get("text-anchor") or ""
    x -= width / 2 if anchor == "middle" else width if anchor == "end" else 0
    return Rect(x, y - px * 0.72, width, px * 0.74, element.text)


def points_of(element):
    if element.tag == SVG + "line":
        return [(float(element.get("x1")), float(element.get("y1"))), (float(element.get("x2")), float(element.get("y2")))]
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", element.get("points") or element.get("d") or "")]
    return list(zip(numbers[::2], numbers[1::2]))


def visible(root):
    """All elements but tips, which show on demand, and what is rotated."""
    for child in root:
        if "tip" in (child.get("class") or "").split() or child.get("transform") or child.tag == SVG + "defs":
            continue
        yield child
        yield from visible(child)


def faults(svg):
    root = ET.fromstring(svg)
    width, height = float(root.get("width")), float(root.get("height"))
    boxes, leaves, texts, lines, discs = [], [], [], [], []
    for element in visible(root):
        classes = set((element.get("class") or "").split())
        if element.tag == SVG + "rect" and classes & (CONTAINERS | LEAVES):
            rect = Rect(*(float(element.get(k)) for k in ("x", "y", "width", "height")), " ".join(classes))
            boxes.append(rect)
            if classes & LEAVES:
                leaves.append(rect)
        elif element.tag == SVG + "text" and "number-text" not in classes:
            texts.append(text_box(element))
        elif classes & LINES and element.tag in (SVG + "path", SVG + "polyline", SVG + "line"):
            lines.append((element.get("class"), points_of(element)))
        elif element.tag == SVG + "circle" and "number" in classes:
            cx, cy, r = (float(element.get(k)) for k in ("cx", "cy", "r"))
            discs.append(Rect(cx - r, cy - r, 2 * r, 2 * r, "number"))
    found = []
    for i, a in enumerate(boxes):
        for b in boxes[i + 1:]:
            if a.meets(b) and not a.holds(b) and not b.holds(a):
                found.append(f"boxes overlap: {a.what} at {a.x},{a.y} and {b.what} at {b.x},{b.y}")
    for a in leaves:
        for b in leaves:
            if a is not b and a.holds(b):
                found.append(f"a box lies in a box without an inside at {b.x},{b.y}")
    for i, a in enumerate(texts):
        if a.x < 0 or a.y < 0 or a.x + a.w > width or a.y + a.h > height:
            found.append(f"text is cut: {a.what}")
        for b in texts[i + 1:]:
            if a.meets(b):
                found.append(f"texts overlap: {a.what} / {b.what}")
        for disc in discs:
            if a.meets(disc, 1):
                found.append(f"a number touches {a.what}")
    for kind, points in lines:
        for a, b in zip(points, points[1:]):
            for text in texts:
                if text.crossed(a, b):
                    found.append(f"{kind} crosses the text {text.what}")
            for leaf in leaves:
                inner = Rect(leaf.x + 3, leaf.y + 3, leaf.w - 6, leaf.h - 6, leaf.what)
                if inner.crossed(a, b):
                    found.append(f"{kind} crosses a box at {leaf.x},{leaf.y}")
    return found + [f"{kind} meets a box on its way at {leaf.x},{leaf.y}" for kind, points in lines if kind.startswith("way")
                    for leaf in leaves if is_met(leaf, points)]


def is_met(leaf, points):
    """By the piece of a way that neither begins nor ends there: the box itself, or the two pixels around it."""
    around = Rect(leaf.x - 2, leaf.y - 2, leaf.w + 4, leaf.h + 4, leaf.what)
    ends = any(around.x <= x <= around.x + around.w and around.y <= y <= around.y + around.h for x, y in (points[0], points[-1]))
    return not ends and any(around.crossed(a, b) for a, b in zip(points, points[1:]))


def calls_of(pktpath, path):
    lines = subprocess.run([pktpath, "complete", "explain", path, ""], capture_output=True, text=True).stdout.splitlines()
    return [line.split("\t")[0] for line in lines if line and not line.startswith(":")]


def main():
    pktpath, count = sys.argv[1], int(sys.argv[2])
    failed = False
    for given in sys.argv[3:]: # their networks, which have to fit a screen besides
        made = subprocess.run([pktpath, "draw", given], capture_output=True, text=True)
        wrong = [made.stderr] if made.returncode != 0 else faults(made.stdout)
        root = ET.fromstring(made.stdout or "<svg/>")
        if float(root.get("width", 0)) > 1400 or float(root.get("height", 0)) > 900:
            wrong.append(f"it is {root.get('width')} x {root.get('height')}, at most 1400 x 900")
        print(f"{'not ok' if wrong else 'ok'} - {Path(given).stem}: nothing overlaps, and it fits")
        for line in wrong[:8]:
            print("   ", line)
        failed |= bool(wrong)
        for call in calls_of(pktpath, given):
            made = subprocess.run([pktpath, "draw", given, call], capture_output=True, text=True)
            wrong = [made.stderr] if made.returncode != 0 else faults(made.stdout)
            print(f"{'not ok' if wrong else 'ok'} - {Path(given).stem}, call {call}: its way meets no box but its stops")
            for line in wrong[:8]:
                print("   ", line)
            failed |= bool(wrong)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "generated.yaml"
        for seed in range(count):
            path.write_text(scenario(seed))
            for call in [[]] + [[call] for call in calls_of(pktpath, str(path))]:
                made = subprocess.run([pktpath, "draw", str(path), *call], capture_output=True, text=True)
                wrong = [made.stderr] if made.returncode != 0 else faults(made.stdout)
                what = f"network {seed}{', call ' + call[0] if call else ''}"
                print(f"{'not ok' if wrong else 'ok'} - {what}: nothing overlaps, nothing crosses a name or a box")
                for line in wrong[:8]:
                    print("   ", line)
                failed |= bool(wrong)
    # The check itself: what is wrong is found.
    for planted, name in (
            ('<rect class="chip" x="0" y="0" width="50" height="50"/><rect class="chip" x="40" y="40" width="50" height="50"/>', "boxes"),
            ('<text class="strong" x="10" y="50">name</text><line class="wire" x1="0" y1="46" x2="90" y2="46"/>', "a line over a name"),
            ('<rect class="chip" x="30" y="20" width="20" height="20"/><polyline class="way" points="10,30 90,30"/>', "a way over a box"),
            ('<rect class="chip" x="30" y="20" width="20" height="20"/><polyline class="way-lost" points="10,41 90,41"/>', "a way along a box"),
            ('<text class="strong" x="10" y="50">name</text><circle class="number" cx="14" cy="46" r="9"/>', "a number on a name")):
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">{planted}</svg>'
        print(f"{'ok' if faults(svg) else 'not ok'} - planted: {name}")
        failed |= not faults(svg)
    sys.exit(1 if failed else 0)


main()

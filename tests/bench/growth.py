#!/usr/bin/env python3
"""How time grows with a scenario: from 2,000 to 20,000 of each kind of thing it may grow at most 1.5 times more than linearly.

Usage: growth.py PKTPATH [KIND...]

For each kind a line: processor time (user mode, least of three) of both sizes, and how many times more than linear it is. What a run
costs without any (start, a few packets) is left out by the difference to an empty scenario. PKTPATH_GROWTH=A,B are other sizes.
"""
import os
import resource
import shutil
import subprocess
import sys
import tempfile

SMALL, LARGE = (int(n) for n in os.environ.get("PKTPATH_GROWTH", "2000,20000").split(","))
BAR = 1.5


def address(base, i):
    n = (base[0] << 24 | base[1] << 16 | base[2] << 8 | base[3]) + i
    return ".".join(str(n >> shift & 255) for shift in (24, 16, 8, 0))


def scenario(vnets="", subnet="cidr: 10.0.1.0/24", extra="", flows="", rest="", hosts=""):
    return f"""scenario: 1
name: grown
network:
  vnets:
    contoso: {{space: [10.0.0.0/16], subnets: {{main: {{{subnet}}}}}}}
{vnets}{extra}  hosts:
    a: {{subnet: contoso/main, ip: 10.0.1.4}}
    b: {{subnet: contoso/main, ip: 10.0.1.5, listen: [80/tcp]}}
{hosts}flows:
  call: {{from: a, to: "b:80/tcp"}}
{flows}{rest}"""


def diagnostics(n):
    return "scenario: 1\nname: x\nnetwork: {vnets: {v: {space: [10.0.0.0/16]}}, hosts: {" + ", ".join(f"h{i}: {{bad: 1}}" for i in range(n)) + "}}\n"


def taps(n):
    return scenario(rest="taps:\n" + "".join(f"  t{i}: {{at: a}}\n" for i in range(n)) if n else "")


def flows(n):
    return scenario(flows="".join(f'  f{i}: {{from: a, to: "b:80/tcp", at: {i}ms}}\n' for i in range(n)))


def groups(n):
    return scenario(extra="  nsgs:\n" + "".join(f"    g{i}: {{inbound: [{{name: r, priority: 100, action: allow, src: 10.0.0.0/8}}]}}\n" for i in range(n)))


def rules(n):
    each = 4000
    text = ""
    for g in range((n + each - 1) // each):
        text += f"    g{g}:\n      inbound:\n" + "".join(f"        - {{name: r{i}, priority: {100 + i % 3990}, action: allow, src: {address((10, 0, 0, 0), i)}}}\n" for i in range(min(each - 10, n)))
    return scenario(extra="  nsgs:\n" + text)


def routes(n):
    text = "".join(f"        r{i}: {{prefix: {address((20, 0, 0, 0), i)}/32, next_hop: none}}\n" for i in range(n))
    return scenario(extra="  route_tables:\n    table:\n      routes:\n" + text, subnet="cidr: 10.0.1.0/24, routes: table")


def vnets(n):
    return scenario(vnets="".join(f"    v{i}: {{space: [{address((20, 0, 0, 0), 256 * i)}/24], subnets: {{s: {{cidr: {address((20, 0, 0, 0), 256 * i)}/24}}}}}}\n" for i in range(n)))


def events(n):
    return scenario(rest="timeline:\n" + "".join(f"  - {{at: {i}ms, link: vnet, latency: {1 + i % 2}ms}}\n" for i in range(n)))


def expectations(n):
    return scenario(rest="expect:\n" + "".join("  - {flow: call, outcome: delivered}\n" for i in range(n)))


def hosts(n):
    text = "".join(f"    h{i}: {{internet: true, ip: {address((20, 0, 0, 1), i)}}}\n" for i in range(n))
    return scenario(hosts=text)


def peerings(n):
    names = ", ".join(f"v{i}" for i in range(n))
    return scenario(vnets="".join(f"    v{i}: {{space: [{address((20, 0, 0, 0), 256 * i)}/24]}}\n" for i in range(n))).replace(
        "contoso: {space: [10.0.0.0/16],", f"contoso: {{space: [10.0.0.0/16], peers: [{names}],")


def firewall_rules(n):
    text = "".join(f"            - {{name: r{i}, src: 10.0.0.0/16, dst: {address((20, 0, 0, 0), i)}}}\n" for i in range(n))
    firewall = "    fw:\n      subnet: contoso/AzureFirewallSubnet\n      address: 10.0.9.4\n      public: 203.0.113.30\n      rules:\n        network:\n        - name: all\n          priority: 100\n          action: allow\n          rules:\n"
    return scenario(extra=("  firewalls:\n" + firewall + text) if n else "").replace("subnets: {main:", "subnets: {AzureFirewallSubnet: {cidr: 10.0.9.0/26}, main:")


def machines(n):
    text = "".join(f"    m{i}: {{subnet: contoso/pool, ip: {address((10, 0, 128, 4), i)}, listen: [80/tcp]}}\n" for i in range(n))
    balancer = "  load_balancers:\n    front:\n      frontends: {in: {subnet: contoso/main, address: 10.0.1.100}}\n      pools: {p: [" + ", ".join(f"m{i}" for i in range(n)) + "]}\n      rules: [{name: web, frontend: in, port: 80/tcp, pool: p}]\n"
    return scenario(extra=balancer if n else "", hosts=text).replace("subnets: {main:", "subnets: {pool: {cidr: 10.0.128.0/17}, main:")


def packets(n):
    each = 5000
    text = ""
    for first in range(0, n, each):
        text += f'  made-{first}:\n    from: a\n    to: "b:80/tcp"\n    packets:\n'
        text += "".join(f"      - {{at: {i}ms, fields: {{flags: A, seq: {1000 + i}, ack: 1}}}}\n" for i in range(min(each, n - first)))
    return scenario(flows=text)


KINDS = {
    "diagnostics on one line": (diagnostics, ["check"], 2),
    "taps": (taps, ["run", "-q", "-o", "out"], 0),
    "flows with captures": (flows, ["run", "-q", "-o", "out"], 0),
    "groups": (groups, ["run", "-q", "-o", "out"], 0),
    "rules": (rules, ["run", "-q", "-o", "out"], 0),
    "routes": (routes, ["run", "-q", "-o", "out"], 0),
    "vnets": (vnets, ["run", "-q", "-o", "out"], 0),
    "hosts": (hosts, ["run", "-q", "-o", "out"], 0),
    "events": (events, ["run", "-q", "-o", "out"], 0),
    "peerings": (peerings, ["run", "-q", "-o", "out"], 0),
    "firewall rules": (firewall_rules, ["run", "-q", "-o", "out"], 0),
    "machines of a balancer": (machines, ["run", "-q", "-o", "out"], 0),
    "packets made by hand": (packets, ["run", "-q", "-o", "out"], 0),
    "expectations": (expectations, ["run", "-q", "-o", "out"], 0),
}


def user_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, done


def measure(pktpath, make, words, status, n):
    with open("grown.yaml", "w", encoding="utf-8") as file:
        file.write(make(n))
    best = None
    for _ in range(3):
        shutil.rmtree("out", ignore_errors=True)
        seconds, done = user_seconds([pktpath, words[0], "grown.yaml", *words[1:]])
        if done.returncode != status:
            return None, done.stderr[:600].decode(errors="replace")
        best = seconds if best is None else min(best, seconds)
        if best > 5:
            break
    return best, ""


def interfaces(pktpath, n):
    """diff of two captures with as many interfaces: a run with a host each, captured as one flow."""
    text = scenario(rest="taps:\n  everything: {at: all}\n", hosts="".join(f"    h{i}: {{internet: true, ip: {address((20, 0, 0, 1), i)}}}\n" for i in range(n)))
    with open("grown.yaml", "w", encoding="utf-8") as file:
        file.write(text)
    for name in ("one", "two"):
        shutil.rmtree(name, ignore_errors=True)
        subprocess.run([pktpath, "run", "-q", "-o", name, "grown.yaml"], check=False)
    best = min(user_seconds([pktpath, "diff", "one", "two"])[0] for _ in range(3))
    return best, ""


def main():
    pktpath = os.path.abspath(sys.argv[1])
    wanted = sys.argv[2:]
    base = tempfile.mkdtemp(prefix="pktpath-growth.", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    os.chdir(base)
    bad = 0
    least = 0.02 if SMALL >= 2000 else 0.005  # what is less is not to be measured
    for name, (make, words, status) in list(KINDS.items()) + [("interfaces in diff", (None, None, 0))]:
        if wanted and name not in wanted:
            continue
        times = []
        why = ""
        for n in (0, SMALL, LARGE):
            seconds, why = interfaces(pktpath, n) if make is None else measure(pktpath, make, words, status if n > 0 or status == 0 else 0, n)
            if seconds is None:
                break
            times.append(seconds)
        if len(times) < 3:
            print(f"not ok - {name}: {why}")
            bad += 1
            continue
        small, large = max(times[1] - times[0], least), max(times[2] - times[0], least)
        factor = large / small / (LARGE / SMALL)
        good = factor <= BAR
        bad += not good
        print(f"{'ok' if good else 'not ok'} - {name}: {SMALL} {times[1]:.3f} s, {LARGE} {times[2]:.3f} s, {factor:.2f} times linear", flush=True)
    os.chdir("/")
    shutil.rmtree(base)
    sys.exit(1 if bad else 0)


main()

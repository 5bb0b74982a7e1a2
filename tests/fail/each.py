#!/usr/bin/env python3
"""Each allocation, or each system call, of a command fails once.

Usage: each.py memory|calls SOURCE_ROOT PKTPATH HELPER

HELPER is the preloaded shim (memory) or the tracer (calls). Whatever fails: the command gives the complete right result
(exit status, both outputs and all files as without the failure), or exit status 3 with a message, and the output
directory is the old or the new whole. PKTPATH_LONG=1 tries all, otherwise a sample by stride (PKTPATH_STRIDE=N: each N-th). PKTPATH_ONLY=WORD takes
the commands whose name has it; PKTPATH_TRACE=1 shows where it failed.
"""
import errno
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

DURATION = re.compile(rb'time="[0-9.]*"')  # of JUnit: how long a test took

SCENARIO = """scenario: 1
name: one
network:
  vnets: {contoso: {space: [10.0.0.0/16], subnets: {ase-one: {cidr: 10.0.1.0/26}, data: {cidr: 10.0.2.0/24, nsg: guard}}}}
  nsgs: {guard: {inbound: [{name: no-ssh, priority: 100, action: deny, proto: tcp, dst_ports: [22]}]}}
  ases: {ase-one: {subnet: contoso/ase-one, vip: 192.23.1.2, front_ends: 1, workers: 2, apps: {web: {}}}}
  hosts:
    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp], dns: api.example.net}
    sql: {subnet: contoso/data, ip: 10.0.2.10, listen: [1433/tcp]}
flows:
  call: {from: ase-one/web, to: "api:443/tcp"}
  inside: {from: ase-one/web, to: "sql:22/tcp", at: 1s}
expect:
  - {flow: call, outcome: delivered, seen_at: api, src: 192.23.1.2}
  - {flow: inside, outcome: delivered}
"""
WRONG = """scenario: 1
nam: x
network: {vnets: {a: {space: [10.0.0.0/33]}}, hosts: {B: {ip: 1}}}
flows: {call: {from: nowhere, to: "nobody:1/tcp", at: -1s}}
"""
BROKEN = "scenario: 1\nnetwork: {a: [1, 2\nflows: x\n"

# A balancer, a firewall, a NAT gateway, groups of machines, tags, packets made by hand.
WORLD = """scenario: 1
name: world
about: All nouns of a network, and little traffic.
network:
  vnets: {hub: {space: [10.0.0.0/16], subnets: {app: {cidr: 10.0.1.0/24, routes: up}, in: {cidr: 10.0.2.0/24, nsg: web}, gw: {cidr: 10.0.3.0/24, nat_gateway: gate}, AzureFirewallSubnet: {cidr: 10.0.9.0/26}}}, ase: {space: [10.1.0.0/16], subnets: {ase: {cidr: 10.1.1.0/26}}}}
  tags: {Partners: [203.0.113.0/26]}
  asgs: [front]
  nsgs: {web: {inbound: [{name: allow-web, priority: 100, action: allow, proto: tcp, src: [internet, Partners], dst: asg/front, dst_ports: [80, 8443, 22]}, {name: no, priority: 200, action: deny, src: internet}]}}
  route_tables: {up: {routes: {all: {prefix: 0.0.0.0/0, next_hop: wall}}}}
  nat_gateways: {gate: {address: [198.51.100.40, 198.51.100.41]}}
  firewalls: {wall: {subnet: hub/AzureFirewallSubnet, address: 10.0.9.4, public: 198.51.100.30, rules: {dnat: [{name: in, priority: 100, rules: [{name: web, proto: tcp, dst: 198.51.100.30, dst_ports: 443, to: "vm-1:80"}]}], network: [{name: net, priority: 200, rules: [{name: dns, proto: udp, src: 10.0.0.0/8, dst_ports: 53}]}], application: [{name: app, priority: 300, rules: [{name: ms, fqdns: ["*.example.net"], proto: https}]}]}}}
  load_balancers: {front: {frontends: {web: {address: 198.51.100.20}}, pools: {apps: [vm-1, vm-2]}, probes: {up: {port: 80/tcp}}, rules: [{name: https, frontend: web, port: 443/tcp, pool: apps, to: 80, probe: up, outbound_snat: false}], inbound_nat: [{name: ssh, frontend: web, port: 50001/tcp, to: "vm-1:22"}], outbound: [{name: out, frontends: [web], pool: apps, ports_per_machine: 8}]}}
  ases: {one: {subnet: ase/ase, vip: 192.23.1.2, front_ends: 1, workers: 1, apps: {web: {}}}}
  sites: {home: {prefixes: [192.168.0.0/16], nat: {profile: linux, address: 198.51.100.1}}}
  hosts:
    vm-1: {subnet: hub/in, ip: 10.0.2.4, asg: front, listen: [80/tcp, 22/tcp]}
    vm-2: {subnet: hub/in, ip: 10.0.2.5, asg: front, listen: [80/tcp]}
    a: {subnet: hub/app, ip: 10.0.1.4}
    g: {subnet: hub/gw, ip: 10.0.3.4}
    pc: {site: home, ip: 192.168.1.5}
    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp, 53/udp], dns: api.example.net}
flows:
  in: {from: api, to: "front/web:443/tcp"}
  ssh: {from: pc, to: "front/web:50001/tcp"}
  out: {from: vm-2, to: "api:443/tcp", at: 1s}
  app: {from: a, to: "api:443/tcp", at: 1s, dns: true}
  gate: {from: g, to: "api:443/tcp", at: 1s, reply: 3kB}
  call: {from: one/web, to: "api:443/tcp", at: 1s}
  odd: {from: pc, to: "api:443/tcp", packets: [{fields: {flags: R}}]}
timeline:
  - {at: 2s, firewall: wall, rule: app/ms, remove: true}
expect:
  - {flow: in, outcome: delivered, crosses: front/web}
  - {flow: out, outcome: delivered, seen_at: api, src: 198.51.100.20}
  - {flow: call, outcome: delivered, seen_at: api, src: 192.23.1.2}
  - {flow: gate, outcome: delivered}
  - {flow: app, outcome: delivered}
"""


def session():
    """What an editor says to the language server, about a document with a mistake."""
    text = SCENARIO.replace("nsg: guard", "nsg: gaurd")
    document = {"uri": "file:///one.yaml"}
    place = {"textDocument": document, "position": {"line": 4, "character": 6}}
    said = [
        {"id": 1, "method": "initialize", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": {**document, "version": 1, "text": text}}},
        {"id": 2, "method": "textDocument/hover", "params": place},
        {"id": 3, "method": "textDocument/completion", "params": place},
        {"id": 4, "method": "textDocument/definition", "params": place},
        {"id": 5, "method": "textDocument/formatting", "params": {"textDocument": document, "options": {}}},
        {"id": 9, "method": "shutdown"},
        {"method": "exit"},
    ]
    written = b""
    for message in said:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        written += b"Content-Length: %d\r\n\r\n" % len(body) + body
    return written


COMMANDS = [
    ("check", ["check", "one.yaml"]),
    ("check-wrong", ["check", "wrong.yaml"]),
    ("check-broken", ["check", "broken.yaml"]),
    ("check-json", ["check", "wrong.yaml", "--json"]),
    ("set", ["check", "one.yaml", "--set", "flows.call.at=2s", "--set", "expect.0.src=10.0.0.1"]),
    ("run", ["run", "one.yaml", "-o", "out"]),
    ("run-json", ["run", "one.yaml", "one.yaml", "--json", "-o", "out", "--set", "name=one"]),
    ("run-trail", ["run", "one.yaml", "-o", "out", "--trail", "--set", "flows.call.repeat.count=3"]),
    ("run-flow-logs", ["run", "one.yaml", "-o", "out", "--flow-logs"]),
    ("explain", ["explain", "one.yaml", "inside"]),
    ("explain-json", ["explain", "one.yaml", "call", "--json"]),
    ("explain-from", ["explain", "one.yaml", "--from", "sql", "--to", "api:443/tcp"]),
    ("addresses", ["addresses", "one.yaml"]),
    ("addresses-json", ["addresses", "one.yaml", "--json"]),
    ("nat", ["nat", "one.yaml"]),
    ("nat-json", ["nat", "one.yaml", "--json", "--at", "10s"]),
    ("classify", ["classify", "one.yaml", "ase-one"]),
    ("resolve", ["resolve", "one.yaml", "api.example.net"]),
    ("draw", ["draw", "one.yaml", "-o", "out.svg"]),
    ("draw-flow", ["draw", "one.yaml", "inside"]),
    ("draw-ladder", ["draw", "one.yaml", "call", "--ladder"]),
    ("draw-mermaid", ["draw", "one.yaml", "--mermaid"]),
    ("draw-ports", ["draw", "one.yaml", "--ports", "-o", "out.svg"]),
    ("report", ["report", "old", "-o", "out.html"]),
    ("diff", ["diff", "old", "other"]),
    ("diff-json", ["diff", "old", "other", "--json"]),
    ("test", ["test", "one.yaml", "-j", "1"]),
    ("test-jobs", ["test", "one.yaml", "two.yaml", "-j", "2"]),
    ("test-tap", ["test", "one.yaml", "-j", "1", "--tap", "--junit", "out.xml"]),
    ("test-json", ["test", "one.yaml", "-j", "1", "--json"]),
    ("test-report", ["test", "one.yaml", "-j", "1", "--report", "tested"]),
    ("mutate", ["mutate", "one.yaml", "-j", "1"]),
    ("new", ["new", "out.yaml"]),
    ("schema", ["schema"]),
    ("complete", ["complete", "run", "one.yaml", "--"]),
    ("fmt", ["fmt", "world.yaml"]),
    ("fmt-canonical", ["fmt", "--canonical", "world.yaml", "-o", "out.yaml"]),
    ("fmt-in-place", ["fmt", "-i", "mine.yaml"]),
    ("cover", ["cover", "one.yaml", "-j", "1"]),
    ("cover-part", ["cover", "one.yaml", "two.yaml", "-j", "1", "--shard", "1/1", "-o", "covered"]),
    ("cover-files", ["cover", "one.yaml", "-j", "1", "--lcov", "out.lcov", "--html", "out.html"]),
    ("sweep", ["sweep", "one.yaml", "--vary", "network.ases.ase-one.workers=1..2", "-j", "1", "-o", "swept"]),
    ("merge", ["merge", "part-1", "part-2", "-o", "whole"]),
    ("import", ["import", "template.json", "-o", "imported.yaml"]),
    ("import-list", ["import", "template.json", "--list", "--json"]),
    ("import-capture", ["import", "capture", "old/call.pcapng", "-o", "imported.yaml"]),
    ("import-capture-log", ["import", "capture", "old/call@api.pcap", "old/inside.pcapng"]),
    ("lsp", ["lsp"]),
    ("world-check", ["check", "world.yaml"]),
    ("world-run", ["run", "world.yaml", "-o", "out"]),
    ("world-report", ["run", "world.yaml", "-o", "out", "--report"]),
    ("world-explain", ["explain", "world.yaml", "in", "--json"]),
    ("world-addresses", ["addresses", "world.yaml", "--json"]),
    ("world-nat", ["nat", "world.yaml", "--at", "1500ms"]),
    ("world-classify", ["classify", "world.yaml", "home", "--json"]),
    ("world-draw", ["draw", "world.yaml"]),
    ("world-test", ["test", "world.yaml", "-j", "1"]),
]
# What may not be read or written and leaves the results as they are: a warning says so.
REFUSED = re.compile(rb"report\.json cannot be read \(|pktpath-failed: Permission denied; captures of what failed are not kept")
PACKET = re.compile(rb"&#10;packet: [^&]*")
# What stands in the working directory and is the same for all; all else is made by a command.
GROWING = {"swept", "whole", "covered"}
KEPT = {"one.yaml", "two.yaml", "wrong.yaml", "broken.yaml", "world.yaml", "template.json", "session", "old", "other", "captures", "part-1", "part-2", "tmp"}


def contents(path):
    found = {}
    for directory, _, names in os.walk(path):
        for name in names:
            full = os.path.join(directory, name)
            with open(full, "rb") as file:
                found[os.path.relpath(full, path)] = file.read()
    return found


class Place:
    """The working directory of the commands."""

    def __init__(self, root, pktpath, base):
        template = os.path.abspath(os.path.join(root, "tests", "import", "cases", "arm-balancer", "balancer.json"))
        self.pktpath = pktpath
        self.base = base
        os.chdir(base)
        for name, text in (("one", SCENARIO), ("two", SCENARIO.replace("name: one", "name: two")), ("wrong", WRONG), ("broken", BROKEN), ("world", WORLD)):
            with open(name + ".yaml", "w", encoding="utf-8") as file:
                file.write(text)
        shutil.copy(template, "template.json")
        with open("session", "wb") as file:
            file.write(session())
        os.mkdir("tmp")
        for part in ("1", "2"):
            self.must("sweep", "one.yaml", "--vary", "network.ases.ase-one.workers=1..4", "--shard", part + "/2", "-j", "1", "-o", "part-" + part)
        self.must("run", "one.yaml", "-o", "old", "-q")
        self.must("run", "one.yaml", "-o", "other", "-q", "--set", "flows.call.send=2kB")
        self.must("run", "one.yaml", "-o", "captures/one", "-q")

    def must(self, *words):
        subprocess.run([self.pktpath, *words], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def reset(self, words):
        """Takes away what a command made; where it writes files, those of an earlier run stand there."""
        for name in os.listdir("."):
            if name not in KEPT:
                shutil.rmtree(name) if os.path.isdir(name) and not os.path.islink(name) else os.unlink(name)
        for name in os.listdir("tmp"):
            shutil.rmtree(os.path.join("tmp", name), ignore_errors=True)
        if words[0] == "run" and "out" in words:
            shutil.copytree("old", "out")
        if "mine.yaml" in words:
            with open("mine.yaml", "w", encoding="utf-8") as file:
                file.write(SCENARIO)
        return {name: contents(name) if os.path.isdir(name) else open(name, "rb").read() for name in self.made()}

    @staticmethod
    def made():
        return sorted(name for name in os.listdir(".") if name not in KEPT)

    def files(self):
        """What the command made; what killed and failed runs leave beside is no part of it."""
        found = {}
        for name in self.made():
            if os.path.isdir(name):
                found[name] = {k: DURATION.sub(b'time=""', v) if k == "junit.xml" else v
                               for k, v in contents(name).items() if not k.startswith(".pktpath-") and k != "durations.csv"}
            else:
                with open(name, "rb") as file:
                    found[name] = DURATION.sub(b'time=""', file.read())
        return found

    def call(self, command, settings):
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TMPDIR": os.path.join(self.base, "tmp"), **settings}
        try:
            with open("session" if "lsp" in command else os.devnull, "rb") as given:
                done = subprocess.run(command, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, timeout=60, check=False)
        except subprocess.TimeoutExpired:
            return -99, b"", b""
        return done.returncode, done.stdout, done.stderr


class Memory:
    strides = (1, 61)

    def __init__(self, shim):
        self.shim = shim

    def count(self, place, words):
        place.call([place.pktpath, *words], {"LD_PRELOAD": self.shim, "PKTPATH_FAIL_COUNT": os.path.join(place.base, "counted")})
        with open("counted", encoding="ascii") as file:
            number = int(file.read())
        os.unlink("counted")
        return number

    def variants(self):
        return [{}]

    def fail(self, place, words, number, _variant, trace):
        settings = {"LD_PRELOAD": self.shim, "PKTPATH_FAIL_AT": str(number)}
        if trace:
            settings["PKTPATH_FAIL_TRACE"] = trace
        return place.call([place.pktpath, *words], settings)


    def blames_library(self, place, words, number):
        """libfyaml 0.7.12 does not look whether fy_input_create() gave it something, 0.8 not whether fy_parser_set_string() got a name."""
        trace = os.path.join(place.base, "tmp", "blame")
        self.fail(place, words, number, None, trace)
        with open(trace, encoding="utf-8", errors="replace") as file:
            where = file.read()
        return "fy_input_create" in where or "fy_parser_set_string" in where


class Calls:
    strides = (1, 23)

    def __init__(self, tracer):
        self.tracer = tracer

    def count(self, place, words):
        with open("session" if "lsp" in words else os.devnull, "rb") as given:
            done = subprocess.run([self.tracer, "count", place.pktpath, *words], stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  env={"PATH": os.environ["PATH"], "LC_ALL": "C", "TMPDIR": os.path.join(place.base, "tmp")}, check=False)
        return int(re.search(rb"([0-9]+)\s*$", done.stdout).group(1))  # behind an answer that ends without a line end

    def variants(self):
        return [{"error": e} for e in (errno.EIO, errno.ENOSPC, errno.EINTR, errno.EMFILE, errno.EACCES)]

    def fail(self, place, words, number, variant, _trace):
        log = os.path.join(place.base, "tmp", "call")
        status, out, err = place.call([self.tracer, "fail", str(number), str(variant["error"]), place.pktpath, *words], {"PKTPATH_FAIL_CALL": log})
        failed = ""
        if os.path.exists(log):
            with open(log, encoding="ascii") as file:
                failed = file.read()
            os.unlink(log)
        if failed == "1 2\n" and status == 3:
            err = b"(what was to be said could not be written)"
        return status, out, err


    @staticmethod
    def blames_library(_place, _words, _number):
        return False


def is_part(files, new):
    """What a sweep or a merge has left: files as they will be, and the ledger as far as it came."""
    return all(new.get(name, b"").startswith(text) if name == "ledger" else text == new.get(name) for name, text in files.items())


def are_whole_runs(files, new):
    """Of the captures of what failed: each scenario has a directory, which is whole, or was about to be, or is not there. The next suite takes it away."""
    begun = {name.split("/")[0] for name in files if "/.pktpath-" in name}
    runs = {run for run in {name.split("/")[0] for name in files} if run not in begun or run + "/report.json" in files}
    return all({k: v for k, v in files.items() if k.startswith(run + "/") and "/.pktpath-" not in k} == {k: v for k, v in new.items() if k.startswith(run + "/")}
               for run in runs)


def whole(before, after, new):
    """Each directory or file is as it was or as it would have been; a new one may be missing."""
    for name in set(after) | set(before):
        if name == "out.xml" and after.get(name, b"").endswith(b"</testsuites>\n"):
            continue  # a whole account of the failure
        if name == "out" and "report.html" in new.get(name, {}) and after.get(name) == {k: v for k, v in new[name].items() if k != "report.html"}:
            continue  # the run is whole, and its page comes after it
        if name == "pktpath-failed" and are_whole_runs(after.get(name, {}), new.get(name, {})):
            continue
        if name in GROWING and is_part(after[name], new.get(name, {})):
            continue  # --resume, or the same merge again, goes on with it
        if after.get(name) not in (before.get(name), new.get(name)):
            return name
    return None


def has_all(files, new):
    """Each file as it would have been, beside those that could not be replaced; but for the captures of what failed, and what points at them."""
    return all(without_packet(files.get(name)) == without_packet(made) if not isinstance(made, dict) else made.items() <= files.get(name, {}).items()
               for name, made in new.items() if name != "pktpath-failed")


def without_packet(text):
    """A failure shows its packet in the captures that are kept, and by its number where there are none."""
    return text and PACKET.sub(b"", text)


def heals(place, words, new_files):
    """A suite's report that is not whole: the same command with --resume makes it so, or, where a scenario could not be read at all, anew."""
    status, _, _ = place.call([place.pktpath, *words, "--resume"], {})
    if status == 2:
        place.call([place.pktpath, *words], {})
    return place.files() == new_files


def verdict(result, expected, before, files, new_files):
    status, out, err = result
    if status == -99:
        return "it did not end"
    if status < 0 or status >= 128:
        return f"signal, status {status}"
    if status == 3 and b"a fault inside the program or a library" in err:
        return "a crash"
    if status == 3:
        if not err.strip():
            return "status 3 without a message"
        torn = whole(before, files, new_files)
        return f"{torn} is neither old nor new" if torn else None
    if status == 99:
        return None
    if result != expected:
        if status != expected[0]:
            return f"status {status} instead of {expected[0]} or 3"
        if REFUSED.search(err):
            return None if has_all(files, new_files) else "refused, and files are missing"
        return "another standard output" if out != expected[1] else "another standard error"
    return None if files == new_files else "status as expected, but other files"


def main():
    kind, root, pktpath, helper = sys.argv[1:5]
    failing = {"memory": Memory, "calls": Calls}[kind](os.path.abspath(helper))
    stride = int(os.environ.get("PKTPATH_STRIDE", failing.strides[0 if os.environ.get("PKTPATH_LONG") else 1]))
    only = os.environ.get("PKTPATH_ONLY", "")
    base = tempfile.mkdtemp(prefix="pktpath-each.")
    place = Place(root, os.path.abspath(pktpath), base)
    bad = 0
    for name, words in COMMANDS:
        if only and only != name:
            continue
        before = place.reset(words)
        expected = place.call([place.pktpath, *words], {})
        new_files = place.files()
        place.reset(words)
        total = failing.count(place, words)
        wrong = {}
        tried = 0
        for number in range(1 + hash_of(name) % stride, total + 1, stride):
            for variant in failing.variants():
                place.reset(words)
                trace = os.path.join(base, "tmp", "trace") if os.environ.get("PKTPATH_TRACE") else None
                result = failing.fail(place, words, number, variant, trace)
                files = place.files()
                tried += 1
                why = verdict(result, expected, before, files, new_files)
                if why == "tested is neither old nor new":
                    why = None if heals(place, words, new_files) else "a report that --resume does not make whole"
                if why == "a crash":
                    place.reset(words)  # what the crash left would be removed first, by other allocations
                    why = None if failing.blames_library(place, words, number) else why
                if why:
                    where = ""
                    if trace and os.path.exists(trace):
                        with open(trace, encoding="utf-8", errors="replace") as file:
                            where = file.read()
                    wrong[(number, str(variant))] = (why, where, result[2][-300:].decode(errors="replace"))
        print(f"{'not ok' if wrong else 'ok'} - {name}: {tried} failures, one at a time of {total}" + (f": {len(wrong)} wrong" if wrong else ""), flush=True)
        shown = {}
        for (number, variant), (why, where, err) in wrong.items():
            shown.setdefault((why, where), []).append((number, variant, err))
        for (why, where), list_ in list(shown.items())[:40]:
            print(f"    {why}: number {', '.join(str(n) + ('' if v == '{}' else ' ' + v) for n, v, _ in list_[:6])} of {len(list_)}; {list_[0][2]!r}")
            if where:
                print("".join("      " + line + "\n" for line in where.splitlines()), end="")
        bad += bool(wrong)
    os.chdir("/")
    shutil.rmtree(base)
    sys.exit(1 if bad else 0)


def hash_of(name):
    return sum(name.encode())


main()

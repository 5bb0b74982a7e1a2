#!/usr/bin/env python3
"""Each allocation, or each system call, of a command fails once.

Usage: each.py memory|calls SOURCE_ROOT PKTPATH HELPER

HELPER is the preloaded shim (memory) or the tracer (calls). Whatever fails: the command gives the complete right result
(exit status, both outputs and all files as without the failure), or exit status 3 with a message, and the output
directory is the old or the new whole. PKTPATH_LONG=1 tries all, otherwise a sample by stride. PKTPATH_ONLY=WORD takes
the commands whose name has it; PKTPATH_TRACE=1 shows where it failed.
"""
import errno
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

COMMANDS = [
    ("check", ["check", "one.yaml"]),
    ("check-wrong", ["check", "wrong.yaml"]),
    ("check-broken", ["check", "broken.yaml"]),
    ("check-json", ["check", "wrong.yaml", "--json"]),
    ("set", ["check", "one.yaml", "--set", "flows.call.at=2s", "--set", "expect.0.src=10.0.0.1"]),
    ("run", ["run", "one.yaml", "-o", "out"]),
    ("run-json", ["run", "one.yaml", "one.yaml", "--json", "-o", "out", "--set", "name=one"]),
    ("run-trail", ["run", "one.yaml", "-o", "out", "--trail", "--set", "flows.call.repeat.count=3"]),
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
    ("report", ["report", "old", "-o", "out.html"]),
    ("diff", ["diff", "old", "other"]),
    ("diff-json", ["diff", "old", "other", "--json"]),
    ("test", ["test", "one.yaml", "-j", "1"]),
    ("test-jobs", ["test", "one.yaml", "two.yaml", "-j", "2"]),
    ("test-tap", ["test", "one.yaml", "-j", "1", "--tap", "--junit", "out.xml"]),
    ("test-json", ["test", "one.yaml", "-j", "1", "--json"]),
    ("mutate", ["mutate", "one.yaml", "-j", "1"]),
    ("new", ["new", "out.yaml"]),
    ("schema", ["schema"]),
    ("complete", ["complete", "run", "one.yaml", "--"]),
]
# What stands in the working directory and is the same for all; all else is made by a command.
KEPT = {"one.yaml", "two.yaml", "wrong.yaml", "broken.yaml", "old", "other", "captures", "tmp"}


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

    def __init__(self, pktpath, base):
        self.pktpath = pktpath
        self.base = base
        os.chdir(base)
        for name, text in (("one", SCENARIO), ("two", SCENARIO.replace("name: one", "name: two")), ("wrong", WRONG), ("broken", BROKEN)):
            with open(name + ".yaml", "w", encoding="utf-8") as file:
                file.write(text)
        os.mkdir("tmp")
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
        return {name: contents(name) if os.path.isdir(name) else open(name, "rb").read() for name in self.made()}

    @staticmethod
    def made():
        return sorted(name for name in os.listdir(".") if name not in KEPT)

    def files(self):
        """What the command made; what killed and failed runs leave beside is no part of it."""
        found = {}
        for name in self.made():
            if os.path.isdir(name):
                found[name] = {k: v for k, v in contents(name).items() if not k.startswith(".pktpath-")}
            else:
                with open(name, "rb") as file:
                    found[name] = DURATION.sub(b'time=""', file.read())
        return found

    def call(self, command, settings):
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TMPDIR": os.path.join(self.base, "tmp"), **settings}
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, timeout=60, check=False)
        except subprocess.TimeoutExpired:
            return -99, b"", b""
        return done.returncode, done.stdout, done.stderr


class Memory:
    strides = (1, 37)

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
        """libfyaml 0.7.12 does not look whether fy_input_create() gave it something."""
        trace = os.path.join(place.base, "tmp", "blame")
        self.fail(place, words, number, None, trace)
        with open(trace, encoding="utf-8", errors="replace") as file:
            return "fy_parse_input_append" in file.read()


class Calls:
    strides = (1, 11)

    def __init__(self, tracer):
        self.tracer = tracer

    def count(self, place, words):
        done = subprocess.run([self.tracer, "count", place.pktpath, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              env={"PATH": os.environ["PATH"], "LC_ALL": "C", "TMPDIR": os.path.join(place.base, "tmp")}, check=False)
        return int(done.stdout.split()[-1])

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


def whole(before, after, new):
    """Each directory or file is as it was or as it would have been; a new one may be missing."""
    for name in set(after) | set(before):
        if name == "out.xml" and after.get(name, b"").endswith(b"</testsuites>\n"):
            continue  # a whole account of the failure
        if after.get(name) not in (before.get(name), new.get(name)):
            return name
    return None


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
        return "another standard output" if out != expected[1] else "another standard error"
    return None if files == new_files else "status as expected, but other files"


def main():
    kind, root, pktpath, helper = sys.argv[1:5]
    failing = {"memory": Memory, "calls": Calls}[kind](os.path.abspath(helper))
    stride = failing.strides[0 if os.environ.get("PKTPATH_LONG") else 1]
    only = os.environ.get("PKTPATH_ONLY", "")
    base = tempfile.mkdtemp(prefix="pktpath-each.")
    place = Place(os.path.abspath(pktpath), base)
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
                if why == "a crash" and failing.blames_library(place, words, number):
                    why = None
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

#!/usr/bin/env python3
"""pktpath beside others: the same traffic in pktpath, in ns-3 and in the kernel, one run after the other: peers.py PKTPATH PEERS_UDP.

  --rounds N   how often each of the 100 callers calls (default 1000)
  --runs N     how often each is measured (default 3): the least counts
  --cxx NAME   the compiler of ns-3's program (default c++)
  --below DIR  where it writes, and removes what it wrote (default /dev/shm, which is memory)

100 callers behind a router call a server by UDP at once, 200 bytes there and 200 back. Prints user and system time of whole processes for each
packet from end to end, with and without captures, and ratios to pktpath. What cannot be had here is skipped, with the reason. Ends with status 1
where a side lost a packet, or did not do what is measured. peers.md says what the figures mean."""
import argparse
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

CALLERS, BYTES, PORT = 100, 200, 5000
HERE = os.path.dirname(os.path.abspath(__file__))
INSIDE, OUTSIDE, SERVER = "192.168.1.1", "198.51.100.1", "203.0.113.10"
PATIENCE_S, PATIENCE_LAST_S = 600, 15  # for a whole run; for a program whose last packet has passed


class Wrong(Exception):
    """A side that did not do what it was asked."""


class Absent(Exception):
    """A side that cannot be had here."""


def run(command):
    """Processor time in seconds, and what the command printed."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdout=out, stderr=err)
        try:
            used = wait(child, PATIENCE_S)
        finally:
            end(child)
        out.seek(0)
        err.seek(0)
        if child.returncode != 0:
            raise Wrong(f"{command[0]}: status {child.returncode}: {err.read(600).decode(errors='replace').strip()}")
        return used, out.read().decode(errors="replace")


def wait(child, patience_s):
    """Processor time in seconds of a child and its own, once it has ended."""
    signal.alarm(patience_s)
    try:
        _, status, used = os.wait4(child.pid, 0)
    finally:
        signal.alarm(0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def end(*children):
    for child in children:
        if child.returncode is None:
            child.kill()
            child.wait()


def too_long(_number, _frame):
    raise Wrong("it takes too long: a packet was lost on the way")


def ended(number, _frame):
    sys.exit(f"peers: ended by signal {number}")


def expect(what, got, wanted):
    if got != wanted:
        raise Wrong(f"{what}: {got}, and not {wanted}")


def records_of(path):
    """How many packets a capture has, classic or pcapng, by its own lengths."""
    with open(path, "rb") as file:
        data = file.read()
    n, at = 0, 0
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        while at < len(data):
            kind, length = struct.unpack_from("<II", data, at)
            n += kind == 6
            at += length
    else:
        at = 24
        while at < len(data):
            n += 1
            at += 16 + struct.unpack_from("<I", data, at + 8)[0]
    expect(f"{path}: bytes", at, len(data))
    return n


def records_below(directory):
    return sum(records_of(os.path.join(directory, name)) for name in os.listdir(directory) if name.endswith((".pcap", ".pcapng")))


class Pktpath:
    """Whole processes of pktpath: loading, the run, its report, and in the second case its captures as every run writes them."""

    name = "pktpath"

    def __init__(self, options, scratch):
        self.program, self.rounds, self.scratch = os.path.abspath(shutil.which(options.pktpath) or options.pktpath), options.rounds, scratch

    def cases(self):
        return [("translating", lambda: self.measure("taps: none\n")), ("translating, captured", lambda: self.measure(""))]

    def measure(self, rest):
        with open(os.path.join(HERE, "peers.yaml"), encoding="utf-8") as file:
            text = file.read()
        text, n = re.subn(r"rounds: \d+", f"rounds: {self.rounds}", text)
        text, m = re.subn(r"count: \d+", f"count: {CALLERS}", text)
        expect("numbers in peers.yaml", (n, m), (1, 1))
        scenario, out = os.path.join(self.scratch, "peers.yaml"), os.path.join(self.scratch, "pktpath")
        with open(scenario, "w", encoding="utf-8") as file:
            file.write(text + rest)
        shutil.rmtree(out, ignore_errors=True)
        used, _ = run([self.program, "run", "-q", "-o", out, scenario])
        if not os.path.exists(os.path.join(out, "report.json")):
            raise Wrong("pktpath wrote no report")
        with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
            counts = json.load(file)["counts"]
        packets = 2 * CALLERS * self.rounds
        expect("pktpath: sent, delivered, translated, mappings",
               [counts[key] for key in ("sent", "delivered", "translated", "mappings")], [packets, packets, packets, CALLERS])
        records = records_below(out)
        expect("pktpath: packets in captures", records, 0 if rest else 5 * packets)  # three points, and twice in the merged file
        return used, records, counts["events"]


class Ns3:
    """Our program for ns-3. ns-3 has no NAT: its router forwards."""

    name = "ns-3"

    def __init__(self, options, scratch):
        self.rounds, self.scratch, self.program = options.rounds, scratch, os.path.join(scratch, "peers_ns3")
        if not os.path.exists("/usr/include/ns3/core-module.h"):
            raise Absent("there is no ns-3 here (libns3-dev)")
        if not shutil.which(options.cxx):
            raise Absent(f"there is no C++ compiler here ({options.cxx})")
        done = subprocess.run([options.cxx, "-O2", "-o", self.program, os.path.join(HERE, "peers_ns3.cc"), "-Wl,--as-needed", "-lns3-internet",
                               "-lns3-point-to-point", "-lns3-network", "-lns3-core"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Wrong("peers_ns3.cc does not compile: " + done.stderr[:600])

    def cases(self):
        return [("forwarding", lambda: self.measure(False)), ("forwarding, captured on both sides", lambda: self.measure(True))]

    def measure(self, captured):
        out = os.path.join(self.scratch, "ns3")
        shutil.rmtree(out, ignore_errors=True)
        os.mkdir(out)
        used, said = run([self.program, str(CALLERS), str(self.rounds), str(BYTES)] + ([os.path.join(out, "x")] if captured else []))
        calls = CALLERS * self.rounds
        found = re.fullmatch(r"sent (\d+) answered (\d+) received (\d+) events (\d+)\n", said)
        if not found:
            raise Wrong(f"ns-3 said {said!r}")
        expect("ns-3: sent, answered, received", [int(n) for n in found.groups()[:3]], [calls] * 3)
        records = records_below(out)
        expect("ns-3: packets in captures", records, 4 * calls if captured else 0)
        return used, records, int(found[4])


class Kernel:
    """The kernel between three network namespaces, joined by two pairs of veth. Processor time is that of the two programs at the ends, in whose
    context the kernel carries packets through the namespaces, and of the programs that capture."""

    name = "kernel"

    def __init__(self, options, scratch):
        self.rounds, self.scratch, self.udp = options.rounds, scratch, os.path.abspath(shutil.which(options.peers_udp) or options.peers_udp)
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        if os.geteuid() != 0:
            raise Absent("it needs root")
        for tool in ("ip", "nft"):
            if not shutil.which(tool):
                raise Absent(f"there is no {tool}(8) here")
        self.spaces = {which: f"pktpath-peers-{os.getpid()}-{which}" for which in ("caller", "router", "server")}
        try:
            self.up()
        except BaseException as why:
            self.close()
            if not isinstance(why, (Wrong, OSError)):
                raise
            raise Absent(f"network namespaces cannot be made here: {why}") from None

    def inside(self, which, *command):
        return ["ip", "netns", "exec", self.spaces[which], *command]

    def up(self):
        # What an earlier run left that was killed: its number is that of no process.
        _, said = run(["ip", "netns", "list"])
        for space, number in re.findall(r"^(pktpath-peers-(\d+)-\w+)", said, re.MULTILINE):
            if not os.path.exists(f"/proc/{number}"):
                run(["ip", "netns", "del", space])
        for space in self.spaces.values():
            run(["ip", "netns", "add", space])
        for end, device, here, there in (("caller", "in", "192.168.1.10/24", INSIDE + "/24"), ("server", "out", SERVER + "/24", OUTSIDE + "/24")):
            run(["ip", "link", "add", device, "netns", self.spaces[end], "type", "veth", "peer", "name", device, "netns", self.spaces["router"]])
            for which, address in ((end, here), ("router", there)):
                run(["ip", "-n", self.spaces[which], "addr", "add", address, "dev", device])
                run(["ip", "-n", self.spaces[which], "link", "set", device, "up"])
        run(["ip", "-n", self.spaces["caller"], "route", "add", "default", "via", INSIDE])
        run(["ip", "-n", self.spaces["server"], "route", "add", "default", "dev", "out"])
        run(["ip", "-n", self.spaces["router"], "route", "add", SERVER + "/32", "dev", "out"])
        # The server stands in another network than the router's outside, as in the scenario: either answers for what the other asks.
        for which in ("server", "router"):
            run(self.inside(which, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/all/proxy_arp; echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter"))
        run(self.inside("router", "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"))

    def close(self):
        for space in self.spaces.values():
            subprocess.run(["ip", "netns", "del", space], stderr=subprocess.DEVNULL, check=False)

    def cases(self):
        cases = [("forwarding", lambda: self.measure(False, False))]
        try:
            self.translate(True)
            self.translate(False)
        except Wrong as why:
            print(f"kernel: translation skipped: nft makes no masquerade here: {why}")
            return cases
        cases.append(("translating", lambda: self.measure(True, False)))
        if shutil.which("tcpdump"):
            cases.append(("translating, captured on both sides", lambda: self.measure(True, True)))
        else:
            print("kernel: captures skipped: there is no tcpdump here")
        return cases

    def translate(self, on):
        rules = "flush ruleset\n"
        if on:
            rules += "table ip nat { chain out { type nat hook postrouting priority srcnat; oifname out counter masquerade; }; }\n"
        path = os.path.join(self.scratch, "rules")
        with open(path, "w", encoding="utf-8") as file:
            file.write(rules)
        run(self.inside("router", "nft", "-f", path))

    def capture(self, device, packets):
        """A tcpdump that ends with the last packet."""
        child = subprocess.Popen(self.inside("router", "tcpdump", "-i", device, "-n", "-B", "65536", "-c", str(packets), "-w",
                                             os.path.join(self.scratch, device + ".pcap"), f"udp port {PORT}"), stderr=subprocess.PIPE, text=True)
        for line in child.stderr:
            if "listening on" in line:
                return child
        end(child)
        raise Wrong("tcpdump does not capture in the namespace")

    def measure(self, translated, captured):
        calls = CALLERS * self.rounds
        self.translate(translated)
        children = []
        serving = subprocess.Popen(self.inside("server", self.udp, "serve", SERVER, str(PORT), str(calls), str(BYTES)), stdout=subprocess.PIPE, text=True)
        try:
            for device in ("in", "out") if captured else ():
                children.append(self.capture(device, 2 * calls))
            expect("peers_udp", serving.stdout.readline(), "ready\n")
            used, said = run(self.inside("caller", self.udp, "call", SERVER, str(PORT), str(CALLERS), str(self.rounds), str(BYTES)))
            expect("kernel: the caller", said, f"called {calls}\n")
            said = serving.stdout.read()
            used += wait(serving, PATIENCE_LAST_S)
            seen = OUTSIDE if translated else "192.168.1.10"
            expect("kernel: the server", said, f"answered {calls} from {seen} ports {CALLERS} others 0\n")
            for child in children:
                used += wait(child, PATIENCE_LAST_S)
                expect("tcpdump: its status", child.returncode, 0)
        finally:
            end(serving, *children)
        if translated:  # the rule sees the first packet of a connection, and not that of one whose port an earlier run had
            _, said = run(self.inside("router", "nft", "list", "ruleset"))
            found = re.search(r"counter packets (\d+)", said)
            expect("kernel: nft masqueraded connections", found is not None and 0 < int(found[1]) <= CALLERS, True)
        records = sum(records_of(os.path.join(self.scratch, device + ".pcap")) for device in ("in", "out")) if captured else 0
        expect("kernel: packets in captures", records, 4 * calls if captured else 0)
        return used, records, 0


def arguments():
    parser = argparse.ArgumentParser(description="pktpath beside ns-3 and the kernel")
    parser.add_argument("pktpath")
    parser.add_argument("peers_udp")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--cxx", default="c++")
    parser.add_argument("--below", default="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    options = parser.parse_args()
    if options.rounds < 1 or options.rounds > 1000000 or options.runs < 1:
        parser.error("--rounds is 1 to 1000000, --runs at least 1")
    return options


def measured(options, scratch, sides):
    """For each side and case the least time, with its counts. One case after the other, then all again: what else the machine does hits all."""
    best = {}
    cases = [(side.name, name, case) for side in sides for name, case in side.cases()]
    for _ in range(options.runs):
        for side, name, case in cases:
            got = case()
            if (side, name) not in best or got < best[side, name]:
                best[side, name] = got
    return best


def show(options, best):
    packets = 2 * CALLERS * options.rounds
    print(f"peers: {packets} packets of {BYTES} bytes by UDP from end to end, {CALLERS} callers, one router; user and system time, least of {options.runs}")
    plain_s = 0
    for (side, name), (seconds, records, events) in best.items():
        line = f"{side}, {name}: {seconds * 1e9 / packets:.0f} ns a packet"
        if records:
            more_ns = (seconds - plain_s) * 1e9 / records
            line += f"; {records} captured, {seconds * 1e9 / records:.0f} ns a captured packet, "
            line += f"{more_ns:.0f} of them for the capture" if more_ns > 0 else "what the capture adds is too little to be measured here"
        elif events:
            line += f"; {events} events, {seconds * 1e9 / events:.0f} ns an event"
        print(line)
        plain_s = seconds
    ours, ours_captured = best["pktpath", "translating"], best["pktpath", "translating, captured"]
    for (side, name), (seconds, records, _) in best.items():
        if side == "pktpath":
            continue
        if records:
            by_record = seconds / records / (ours_captured[0] / ours_captured[1])
            print(f"ratio: {side}, {name}: {seconds / ours_captured[0]:.1f} times pktpath, captured, by packet, {by_record:.1f} by captured packet")
        else:
            print(f"ratio: {side}, {name}: {seconds / ours[0]:.1f} times pktpath by packet")


def main():
    options = arguments()
    signal.signal(signal.SIGALRM, too_long)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, ended)
    sides = []
    with tempfile.TemporaryDirectory(prefix="pktpath-peers.", dir=options.below) as scratch:
        try:
            for side in (Pktpath, Ns3, Kernel):
                try:
                    sides.append(side(options, scratch))
                except Absent as why:
                    print(f"{side.name}: skipped: {why}")
            show(options, measured(options, scratch, sides))
        except (Wrong, OSError) as why:
            print(f"not ok - {why}")
            return 1
        finally:
            for side in sides:
                if isinstance(side, Kernel):
                    side.close()
    return 0


sys.exit(main())

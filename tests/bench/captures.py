#!/usr/bin/env python3
"""How fast captures are read, beside `tcpdump -r FILE -w OUT`, and in how much memory: captures.py PKTPATH [MEGABYTES] [--memory].

Prints processor time, the best of three runs each, and the peak of resident memory for a capture and one four times as long: the same
calls, more packets. Ends with status 1 where pktpath is slower than a third of tcpdump's rate, or memory grows with the file.
With --memory rates are not measured, and tcpdump is not needed: what a test wants, which is to hold on every machine at every load."""
import os
import shutil
import struct
import sys
import tempfile

CALLS = 500  # at once; each has as many packets as the size asks for


def frame(call, number):
    caller, called = struct.pack(">I", 0x0A000004 + call), bytes([203, 0, 113, 9])
    up = number % 2 == 0
    src, dst = (caller, called) if up else (called, caller)
    sport, dport = (40000 + call, 443) if up else (443, 40000 + call)
    data = 100 if up else 1300
    tcp = struct.pack(">HHIIBBHHH", sport, dport, number // 2 * data, 0, 0x50, 0x18, 65535, 0, 0) + bytes(data)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), number & 0xFFFF, 0x4000, 64, 6, 0, src, dst)
    return bytes(12) + b"\x08\x00" + ip + tcp


def write(path, megabytes):
    written = number = 0
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        while written < megabytes << 20:
            for call in range(CALLS):
                data = frame(call, number)
                out.write(struct.pack("<IIII", 1700000000 + number, call, len(data), len(data)) + data)
                written += 16 + len(data)
            number += 1
    return written


def measure(command, runs=3):
    """(seconds of processor time, peak in KiB) of the best of so many runs."""
    best = None
    for _ in range(runs):
        pid = os.fork()
        if pid == 0:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            os.execvp(command[0], command)
        _, status, used = os.wait4(pid, 0)
        if status != 0:
            sys.exit(f"{command[0]}: status {status}")
        seconds = used.ru_utime + used.ru_stime
        if best is None or seconds < best[0]:
            best = (seconds, used.ru_maxrss)
    return best


def compare_rates(import_capture, large, out, n):
    """Whether the rate is at least a third of tcpdump's."""
    if not shutil.which("tcpdump"):
        print("captures: no tcpdump here")
        return True
    theirs, _ = measure(["tcpdump", "-r", large, "-w", out])
    ours, _ = measure(import_capture + [large])
    print(f"captures: tcpdump -r -w {n / 1e6 / theirs:.0f} MB/s, import capture {n / 1e6 / ours:.0f} MB/s of processor time, "
          f"{theirs / ours:.2f} of its rate (at least 0.33)")
    return ours <= 3 * theirs


def compare_memory(import_capture, small, large, n_small, n_large):
    """Whether a capture four times as long takes no more memory."""
    _, peak_small = measure(import_capture + [small], runs=1)
    _, peak_large = measure(import_capture + [large], runs=1)
    print(f"captures: {peak_small} KiB for {n_small / 1e6:.0f} MB, {peak_large} KiB for {n_large / 1e6:.0f} MB")
    return peak_large <= peak_small * 1.1 + 512


def main():
    memory_alone = "--memory" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--memory"]
    pktpath, megabytes = arguments[0], int(arguments[1]) if len(arguments) > 1 else 100
    with tempfile.TemporaryDirectory() as directory:
        small, large, out = (os.path.join(directory, name) for name in ("small.pcap", "large.pcap", "out"))
        n_small = write(small, megabytes // 4)
        n_large = write(large, megabytes)
        import_capture = [pktpath, "import", "capture", "-o", out]
        right = compare_memory(import_capture, small, large, n_small, n_large)
        if not memory_alone:
            right &= compare_rates(import_capture, large, out, n_large)
    return 0 if right else 1


sys.exit(main())

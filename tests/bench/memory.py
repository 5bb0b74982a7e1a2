#!/usr/bin/env python3
"""Memory of the whole program: memory.py PKTPATH.

What a finished connection without captures costs: the difference of the peaks of 200,000 and of 20,000 calls, divided by the calls between.
Ends with status 1 where that is more than 200 bytes."""
import os
import re
import shutil
import sys
import tempfile

FEW, MANY = 20_000, 200_000
BAR_BYTES = 200


def peak_bytes(command):
    pid = os.fork()
    if pid == 0:
        os.environ.pop("MALLOC_PERTURB_", None)  # what fills fresh memory touches it
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.execv(command[0], command)
    _, status, used = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)}: status {status}")
    return used.ru_maxrss * 1024


def connection(pktpath, directory):
    calls = open(os.path.join(os.path.dirname(__file__), "calls.yaml"), encoding="utf-8").read()
    peaks = []
    for n in (FEW, MANY):
        path, out = os.path.join(directory, "calls.yaml"), os.path.join(directory, "out")
        with open(path, "w", encoding="utf-8") as file:
            file.write(re.sub(r"count: \d+", f"count: {n}", calls))
        peaks.append(peak_bytes([pktpath, "run", "-q", "-o", out, path]))
        shutil.rmtree(out)
    each = (peaks[1] - peaks[0]) / (MANY - FEW)
    print(f"{'ok' if each <= BAR_BYTES else 'not ok'} - a finished connection: {each:.0f} bytes, at most {BAR_BYTES} "
          f"(peaks {peaks[0] >> 10} KiB of {FEW} calls, {peaks[1] >> 10} KiB of {MANY})")
    return each <= BAR_BYTES


def main():
    with tempfile.TemporaryDirectory(prefix="pktpath-memory.", dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as directory:
        good = connection(os.path.abspath(sys.argv[1]), directory)
    sys.exit(0 if good else 1)


main()

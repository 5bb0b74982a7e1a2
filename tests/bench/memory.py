#!/usr/bin/env python3
"""Memory of the whole program: memory.py PKTPATH.

What a finished connection without captures costs: the difference of the peaks of 200,000 and of 20,000 calls, divided by the calls between.
The peaks of `diff` and `test` that read captures far larger: 60 MB within 60 MB, with PKTPATH_LONG 1 GB within 200 MB. Ends with status 1
where one is more than its bar."""
import os
import re
import shutil
import sys
import tempfile

FEW, MANY = 20_000, 200_000
BAR_BYTES = 200


CAPTURE_CALLS, CAPTURE_BAR_BYTES = (800, 200_000_000) if os.environ.get("PKTPATH_LONG") else (44, 60_000_000)


def peak_bytes(command, expected=0):
    pid = os.fork()
    if pid == 0:
        os.environ.pop("MALLOC_PERTURB_", None)  # what fills fresh memory touches it
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.execv(command[0], command)
    _, status, used = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) != expected:
        sys.exit(f"{' '.join(command)}: status {os.waitstatus_to_exitcode(status)}, not {expected}")
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


def captures(pktpath, directory):
    """Two runs, of which the second loses some packets."""
    calls = open(os.path.join(os.path.dirname(__file__), "calls.yaml"), encoding="utf-8").read()
    calls = re.sub(r"count: \d+", f"count: {CAPTURE_CALLS}", calls).replace("5840B", "584000B").replace("taps: none\n", "")
    for name, loss in (("before", "0%"), ("after", "0.01%")):
        with open(os.path.join(directory, f"{name}.yaml"), "w", encoding="utf-8") as file:
            file.write(calls.replace("network:\n", f"network:\n  links: {{internet: {{loss: {loss}}}}}\n"))
        out = os.path.join(directory, name)
        peak_bytes([pktpath, "run", "-q", "-o", out, f"{out}.yaml"])
        for file in os.listdir(out):  # what both have once more
            if file.endswith(".pcap"):
                os.remove(os.path.join(out, file))
    size = os.path.getsize(os.path.join(directory, "after", "call.pcapng"))
    baseline = os.path.join(directory, "committed")
    os.mkdir(baseline)
    good = True
    commands = {"diff": ["diff", "-q", "before", "after"], "test": ["test", "-q", "--no-keep", "--baseline", "committed", "after.yaml"]}
    for name, words in commands.items():
        os.chdir(directory)
        if name == "test":
            os.rename("before", os.path.join("committed", "layered-calls"))
            shutil.rmtree("after")
        peak = peak_bytes([pktpath, *words], 1)
        os.chdir("/")
        print(f"{'ok' if peak <= CAPTURE_BAR_BYTES else 'not ok'} - {name} of captures of {size / 1e6:.0f} MB: {peak / 1e6:.0f} MB, at most "
              f"{CAPTURE_BAR_BYTES / 1e6:.0f}", flush=True)
        good = good and peak <= CAPTURE_BAR_BYTES
    return good


def main():
    with tempfile.TemporaryDirectory(prefix="pktpath-memory.", dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as directory:
        good = connection(os.path.abspath(sys.argv[1]), directory)
        good = captures(os.path.abspath(sys.argv[1]), directory) and good
    sys.exit(0 if good else 1)


main()

#!/usr/bin/env python3
"""Writes captures of one conversation in many shapes: captures.py DIRECTORY. Each has the same calls."""
import struct
import sys

CALLER, CALLED, DNS = bytes([10, 1, 0, 4]), bytes([203, 0, 113, 9]), bytes([10, 1, 0, 5])
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def ip(src, dst, proto, payload, fragment=0):
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, fragment, 64, proto, 0, src, dst) + payload


def tcp(src, dst, sport, dport, seq, ack, flags, data=b""):
    return ip(src, dst, 6, struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 65535, 0, 0) + data)


def udp(src, dst, sport, dport, data):
    return ip(src, dst, 17, struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data)


def packets():
    """(microseconds, IPv4 packet): a call of two rounds with a retransmission and a pause, a refused one, one that is reset, DNS, a ping."""
    up = lambda s, a, f, d=b"": tcp(CALLER, CALLED, 50000, 443, s, a, f, d)
    down = lambda s, a, f, d=b"": tcp(CALLED, CALLER, 443, 50000, s, a, f, d)
    return [
        (0, up(100, 0, SYN)), (1000, down(900, 101, SYN | ACK)), (2000, up(101, 901, ACK)),
        (3000, up(101, 901, PSH | ACK, b"x" * 300)), (4000, up(101, 901, PSH | ACK, b"x" * 300)),
        (5000, down(901, 401, PSH | ACK, b"y" * 1000)), (2005000, up(401, 1901, PSH | ACK, b"x" * 100)),
        (2006000, down(1901, 501, PSH | ACK, b"y" * 3000)), (2007000, up(501, 4901, FIN | ACK)), (2008000, down(4901, 502, FIN | ACK)),
        (3000000, tcp(CALLER, CALLED, 50001, 25, 1, 0, SYN)), (3001000, tcp(CALLED, CALLER, 25, 50001, 0, 2, RST | ACK)),
        (4000000, tcp(CALLER, CALLED, 50002, 443, 1, 0, SYN)), (4001000, tcp(CALLED, CALLER, 443, 50002, 7, 2, SYN | ACK)),
        (4002000, tcp(CALLER, CALLED, 50002, 443, 2, 8, PSH | ACK, b"z" * 50)), (4003000, tcp(CALLED, CALLER, 443, 50002, 8, 52, RST)),
        (5000000, udp(CALLER, DNS, 50003, 53, b"q" * 40)), (5001000, udp(DNS, CALLER, 53, 50003, b"a" * 120)),
        (6000000, ip(CALLER, DNS, 1, struct.pack(">BBHHH", 8, 0, 0, 77, 1) + b"p" * 56)),
        (6001000, ip(DNS, CALLER, 1, struct.pack(">BBHHH", 0, 0, 0, 77, 1) + b"p" * 56)),
    ]


LINKS = {
    "ethernet": (1, lambda p: b"\1" * 6 + b"\2" * 6 + b"\x08\x00" + p),
    "vlan": (1, lambda p: b"\1" * 6 + b"\2" * 6 + b"\x81\x00\x00\x05\x08\x00" + p),
    "qinq": (1, lambda p: b"\1" * 6 + b"\2" * 6 + b"\x88\xa8\x00\x05\x81\x00\x00\x06\x08\x00" + p),
    "raw": (101, lambda p: p),
    "sll": (113, lambda p: b"\0\0\0\1\0\6" + b"\2" * 8 + b"\x08\x00" + p),
    "sll2": (276, lambda p: b"\x08\x00\0\0\0\0\0\1\0\1\0\6" + b"\2" * 8 + p),
}


def classic(link, order="<", nanoseconds=False):
    number, wrap = LINKS[link]
    out = struct.pack(order + "IHHiIII", 0xA1B23C4D if nanoseconds else 0xA1B2C3D4, 2, 4, 0, 0, 262144, number)
    for us, packet in packets():
        frame = wrap(packet)
        seconds, rest = divmod(1700000000 * 10**6 + us, 10**6)
        out += struct.pack(order + "IIII", seconds, rest * (1000 if nanoseconds else 1), len(frame), len(frame)) + frame
    return out


def block(order, kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack(order + "II", kind, 12 + len(body)) + body + struct.pack(order + "I", 12 + len(body))


def section(order):
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(order, link, resolution=None):
    options = struct.pack(order + "HHB3x", 9, 1, resolution) + struct.pack(order + "HH", 0, 0) if resolution is not None else b""
    return block(order, 1, struct.pack(order + "HHI", LINKS[link][0], 0, 0) + options)


def ng(links, order="<", resolution=None, noise=False, all_see=False):
    units = {None: 10**6, 9: 10**9, 0x80 | 20: 2**20}[resolution]
    out = section(order) + b"".join(interface(order, link, resolution) for link in links)
    for i, (us, packet) in enumerate(packets()):
        time = (1700000000 * 10**6 + us) * units // 10**6
        for number in range(len(links)) if all_see else [i % len(links)]:
            frame = LINKS[links[number]][1](packet)
            body = struct.pack(order + "IIIII", number, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame)) + frame
            out += block(order, 6, body)
        if noise:
            out += block(order, 0x0BAD, b"n" * 100000)
    return out


def main(directory):
    def write(name, data):
        with open(f"{directory}/{name}", "wb") as file:
            file.write(data)

    for link in LINKS:
        write(f"{link}.pcap", classic(link))
    write("big-endian.pcap", classic("ethernet", ">"))
    write("nanoseconds.pcap", classic("ethernet", nanoseconds=True))
    write("plain.pcapng", ng(["ethernet"]))
    write("swapped.pcapng", ng(["ethernet"], ">"))
    write("fine.pcapng", ng(["ethernet"], resolution=9))
    write("binary.pcapng", ng(["raw"], resolution=0x80 | 20))
    write("two-links.pcapng", ng(["ethernet", "raw", "sll"]))
    write("both-see.pcapng", ng(["ethernet", "raw"], all_see=True))
    write("noise.pcapng", ng(["ethernet"], noise=True))
    write("cut.pcap", classic("ethernet") + b"\1\2\3\4\5")
    snapped = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 64, 1)
    for us, packet in packets():
        frame = LINKS["ethernet"][1](packet)
        seconds, rest = divmod(1700000000 * 10**6 + us, 10**6)
        snapped += struct.pack("<IIII", seconds, rest, min(64, len(frame)), len(frame)) + frame[:64]
    write("snapped.pcap", snapped)
    arp = b"\xff" * 6 + b"\2" * 6 + b"\x08\x06" + b"\0" * 28
    write("no-ip.pcap", struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1) + struct.pack("<IIII", 1, 0, len(arp), len(arp)) + arp)
    ordered = classic("ethernet")
    records, at = [], 24
    while at < len(ordered):
        size = 16 + struct.unpack_from("<I", ordered, at + 8)[0]
        records.append(ordered[at:at + size])
        at += size
    write("unordered.pcap", ordered[:24] + b"".join(records[-2:] + records[:-2]))
    write("unknown-link.pcap", struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 147) + b"".join(records))
    write("damaged.pcapng", ng(["ethernet"])[:200] + b"\xff" * 64)

main(sys.argv[1])

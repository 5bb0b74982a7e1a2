/* A packet: the real bytes of its headers, and a view on its payload.
 *
 * DOC: a packet has exactly one owner at any time: a queue, a link, or the function that runs. A function that is handed one
 * with `const` borrows it. There is no IP option, so the headers stand at fixed offsets. An ICMP error carries the
 * packet it is about inside `header`, after its own ICMP header, and has no payload. */
#ifndef PKTPATH_NET_PACKET_H
#define PKTPATH_NET_PACKET_H
#include "net/header.h"
#include "net/payload.h"
#include "net/tuple.h"
#include <stdbool.h>
#include <stddef.h>

#define PACKET_PAD_BYTES 2 /* so that IP stands on a word */
#define PACKET_HEADER_BYTES 96
#define PACKET_ETHERNET_AT PACKET_PAD_BYTES
#define PACKET_IP_AT (PACKET_ETHERNET_AT + 14)
#define PACKET_L4_AT (PACKET_IP_AT + 20)
/* Of an ICMP error: the headers of the packet that it is about. */
#define PACKET_INNER_IP_AT (PACKET_L4_AT + 8)
#define PACKET_INNER_L4_AT (PACKET_INNER_IP_AT + 20)

enum packet_flag {
	PACKET_OPENING = 1, /* opens a leg of a connection: SYN, first datagram, first echo; retransmissions too */
	PACKET_RETRANSMISSION = 2, /* the sender sent these sequence numbers before */
	PACKET_FROM_CALLER = 4,    /* sent by the side that opened this leg */
	PACKET_CRAFTED = 8,        /* made by hand: its checksums and lengths may be wrong */
	/* A call that reaches a platform service with a private source, and the service's answer: `origin` holds. */
	PACKET_PRIVATE_CALL = 16,
	PACKET_PRIVATE_ANSWER = 32,
};

struct packet {
	struct packet *next; /* the owner's */
	uint64_t id;         /* the same wherever the packet appears; from 1 in each flow */
	uint32_t connection; /* index of the connection in the run; it never steers a packet */
	uint32_t serial;     /* number of the packet in its connection, from 0: identity for random choices */
	const struct payload *payload;
	uint32_t payload_offset;
	uint32_t payload_bytes; /* 0 where there is none */
	uint16_t header_bytes;  /* Ethernet to the end of the L4 header, without the pad */
	uint16_t flags;         /* enum packet_flag */
	uint32_t flow;          /* index of the connection's flow */
	uint32_t origin;        /* node: the private endpoint by which it came, or the caller itself; see `flags` */
	_Alignas(8) uint8_t header[PACKET_HEADER_BYTES];
};

static inline struct ethernet_header *packet_ethernet(struct packet *p)
{
	return (struct ethernet_header *)(void *)(p->header + PACKET_ETHERNET_AT);
}
static inline struct ipv4_header *packet_ip(struct packet *p)
{
	return (struct ipv4_header *)(void *)(p->header + PACKET_IP_AT);
}
static inline const struct ipv4_header *packet_ip_const(const struct packet *p)
{
	return (const struct ipv4_header *)(const void *)(p->header + PACKET_IP_AT);
}
static inline void *packet_l4(struct packet *p)
{
	return p->header + PACKET_L4_AT;
}
static inline const void *packet_l4_const(const struct packet *p)
{
	return p->header + PACKET_L4_AT;
}
/* Bytes of the frame as captured. */
static inline uint32_t packet_frame_bytes(const struct packet *p)
{
	return p->header_bytes + p->payload_bytes;
}
static inline bool packet_is_fragment(const struct packet *p)
{
	return (be16_to(packet_ip_const(p)->flags_fragment) & (IPV4_MF | IPV4_OFFSET_MASK)) != 0;
}
/* Writes the whole frame; `out` has packet_frame_bytes(). */
void packet_copy(const struct packet *p, uint8_t *out);
/* Source and destination. Fragments but the first, and ICMP errors, have ports 0. */
struct tuple packet_tuple(const struct packet *p);
/* Replaces source (or destination) address and port (for echo the identifier), updating the IP and L4 checksums in place
 * (RFC 1624); a zero UDP checksum stays zero and a computed zero becomes ffff (RFC 768). */
void packet_rewrite_src(struct packet *p, be32 addr, be16 port);
void packet_rewrite_dst(struct packet *p, be32 addr, be16 port);
/* The same for the packet inside an ICMP error, which carries 8 bytes of it or more behind the IP header; the error's
 * own checksum follows (RFC 5508 R4). */
void packet_rewrite_inner_src(struct packet *p, be32 addr, be16 port);
void packet_rewrite_inner_dst(struct packet *p, be32 addr, be16 port);
/* Of a TCP segment: another payload, from its beginning on; other sequence and acknowledgment numbers. Lengths and
 * checksums follow in place: what was damaged stays damaged. */
void packet_replace_payload(struct packet *p, const struct payload *payload);
void packet_rewrite_sequence(struct packet *p, uint32_t seq, uint32_t ack);
/* IP header, and TCP, UDP or ICMP checksum over header and payload. Fragments: the IP header alone. */
bool packet_checksums_valid(const struct packet *p);
/* Of a whole packet: its L4 header is cut short, a length in it is wrong, or a checksum. */
bool packet_is_damaged(const struct packet *p);
/* Of the IP header inside an ICMP error. */
bool packet_inner_checksum_valid(const struct packet *p);
/* Fills in total length and all checksums from scratch, from header_bytes and payload. For makers of packets. */
void packet_finish(struct packet *p);
#endif

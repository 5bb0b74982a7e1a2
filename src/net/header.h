/* Views on the bytes of a frame, in network order, at their places (RFC 894, 791, 9293, 768, 792). */
#ifndef PKTPATH_NET_HEADER_H
#define PKTPATH_NET_HEADER_H
#include "net/addr.h"
#include "net/tuple.h"
#include <stdbool.h>

struct ethernet_header {
	struct mac dst;
	struct mac src;
	be16 type;
};
#define ETHERTYPE_IPV4 0x0800

struct ipv4_header {
	uint8_t version_ihl; /* always 0x45: no options are ever sent */
	uint8_t tos;
	be16 total_bytes;
	be16 id;
	be16 flags_fragment; /* IPV4_DF, IPV4_MF, offset in units of 8 bytes */
	uint8_t ttl;
	uint8_t proto;
	be16 check;
	be32 src;
	be32 dst;
};
#define IPV4_DF 0x4000
#define IPV4_MF 0x2000
#define IPV4_OFFSET_MASK 0x1fff

struct tcp_header {
	be16 src_port;
	be16 dst_port;
	be32 seq;
	be32 ack;
	uint8_t data_offset; /* in the upper four bits, in words of four bytes */
	uint8_t flags;
	be16 window;
	be16 check;
	be16 urgent;
};
#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_PSH 0x08
#define TCP_ACK 0x10
#define TCP_URG 0x20
#define TCP_ECE 0x40
#define TCP_CWR 0x80

struct udp_header {
	be16 src_port;
	be16 dst_port;
	be16 size_bytes;
	be16 check;
};

struct icmp_header {
	uint8_t type;
	uint8_t code;
	be16 check;
	be16 id;  /* echo; unused in errors */
	be16 seq; /* echo; next-hop MTU in fragmentation needed (RFC 1191) */
};
enum icmp_type {
	ICMP_ECHO_REPLY = 0,
	ICMP_UNREACHABLE = 3,
	ICMP_SOURCE_QUENCH = 4,
	ICMP_REDIRECT = 5,
	ICMP_ECHO = 8,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETER_PROBLEM = 12,
	ICMP_TIMESTAMP = 13,
	ICMP_TIMESTAMP_REPLY = 14,
	ICMP_INFORMATION = 15,
	ICMP_INFORMATION_REPLY = 16,
	ICMP_MASK = 17,
	ICMP_MASK_REPLY = 18
};
/* It is about a packet, of which it quotes the beginning. */
static inline bool icmp_is_error(uint8_t type)
{
	return type == ICMP_UNREACHABLE || type == ICMP_SOURCE_QUENCH || type == ICMP_REDIRECT ||
	       type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER_PROBLEM;
}
/* A question that has an answer; both carry an identifier, at the place of echo's. */
static inline bool icmp_is_request(uint8_t type)
{
	return type == ICMP_ECHO || type == ICMP_TIMESTAMP || type == ICMP_INFORMATION || type == ICMP_MASK;
}
static inline bool icmp_is_query(uint8_t type)
{
	return icmp_is_request(type) || type == ICMP_ECHO_REPLY || type == ICMP_TIMESTAMP_REPLY ||
	       type == ICMP_INFORMATION_REPLY || type == ICMP_MASK_REPLY;
}
enum icmp_unreachable { ICMP_PORT_UNREACHABLE = 3, ICMP_FRAGMENTATION_NEEDED = 4 };

_Static_assert(sizeof(struct ethernet_header) == 14, "as on the wire");
_Static_assert(sizeof(struct ipv4_header) == 20, "as on the wire");
_Static_assert(sizeof(struct tcp_header) == 20, "as on the wire");
_Static_assert(sizeof(struct udp_header) == 8, "as on the wire");
_Static_assert(sizeof(struct icmp_header) == 8, "as on the wire");
#endif

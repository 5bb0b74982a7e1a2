/* What the tests of the NAT share: rules of a plain NAT, and its packets in a line. */
#ifndef TESTS_RULE_NAT_KIT_H
#define TESTS_RULE_NAT_KIT_H
#include "net/header.h"
#include "rule/nat.h"
#include "suite.h"

#define S NS_PER_S
#define INSIDE UINT32_C(0x0a000106) /* 10.0.1.6 */
#define INSIDE2 UINT32_C(0x0a000107)
#define OUTSIDE UINT32_C(0xc0170102) /* 192.23.1.2 */
#define REMOTE UINT32_C(0xcb00710a)  /* 203.0.113.10 */
#define REMOTE2 UINT32_C(0xcb00710b)

/* OUTSIDE and those that follow it. */
static inline const be32 *kit_addresses(void)
{
	static be32 addresses[NAT_MAX_ADDRESSES];
	for (uint32_t i = 0; i < NAT_MAX_ADDRESSES; i++)
		addresses[i] = be32_from(OUTSIDE + i);
	return addresses;
}

/* Mapping and filtering by endpoint, any port from 1024 on, one mapping a port; TCP 240, 60, 10 s; UDP 60, 120; ICMP
 * 30. */
static inline struct nat_rules plain_rules(void)
{
	return (struct nat_rules){.addresses = kit_addresses(),
				  .n_addresses = 1,
				  .mapping = NAT_ON_ENDPOINT,
				  .udp_mapping = NAT_ON_ENDPOINT,
				  .filtering = NAT_ON_ENDPOINT,
				  .reuse = NAT_REUSE_NEVER,
				  .allocation = NAT_ALLOCATES_SEQUENTIAL,
				  .port_first = 1024,
				  .port_last = 65535,
				  .hairpin = true,
				  .translate_icmp = true,
				  .translate_fragments = true,
				  .tcp_idle_ns = 240 * S,
				  .tcp_transitory_ns = 60 * S,
				  .tcp_reset_ns = 10 * S,
				  .udp_idle_ns = 60 * S,
				  .udp_stream_ns = 120 * S,
				  .icmp_idle_ns = 30 * S,
				  .seed = 1};
}

/* As Azure's and netfilter's: everything on address and port, ports used once a destination. */
static inline struct nat_rules symmetric_rules(void)
{
	struct nat_rules rules = plain_rules();
	rules.mapping = rules.udp_mapping = rules.filtering = NAT_ON_ADDRESS_AND_PORT;
	rules.reuse = NAT_REUSE_PER_DESTINATION;
	return rules;
}

static inline struct nat *nat_of(struct nat_rules rules)
{
	struct nat *nat = NULL;
	ck_assert_int_eq(nat_new(&rules, &nat), 0);
	return nat;
}

static inline struct instant seconds(int64_t s)
{
	return (struct instant){s * S};
}

static inline struct tuple tuple_make(uint8_t proto, uint32_t src, uint16_t src_port, uint32_t dst, uint16_t dst_port)
{
	return (struct tuple){be32_from(src), be32_from(dst), be16_from(src_port), be16_from(dst_port), proto};
}

static inline void decide_one(const struct nat *nat, const struct nat_packet *packet, struct instant now, bool out,
			      struct nat_answer *ret)
{
	if (out)
		nat_decide_outbound(nat, packet, now, ret);
	else
		nat_decide_inbound(nat, packet, now, ret);
}

/* What is asked before without doing it has the same answer, and changes nothing. */
static inline struct nat_answer ask(struct nat *nat, bool out, uint32_t owner, struct tuple tuple, uint8_t flags,
				    int64_t at_s)
{
	struct nat_packet packet = {.tuple = tuple, .owner = owner, .tcp_flags = flags, .ip_bytes = 40};
	struct nat_answer answer, decided, again;
	decide_one(nat, &packet, seconds(at_s), out, &decided);
	decide_one(nat, &packet, seconds(at_s), out, &again);
	ck_assert_mem_eq(&decided, &again, sizeof decided);
	ck_assert_int_eq(out ? nat_outbound(nat, &packet, seconds(at_s), &answer)
			     : nat_inbound(nat, &packet, seconds(at_s), &answer),
			 0);
	ck_assert_int_eq(decided.reason, answer.reason);
	ck_assert_uint_eq(decided.addr.raw, answer.addr.raw);
	ck_assert_uint_eq(decided.port.raw, answer.port.raw);
	ck_assert_int_eq(decided.created, answer.created);
	return answer;
}

/* Would a SYN or datagram from inside find a port? */
static inline bool has_port(const struct nat *nat, const struct tuple *tuple, int64_t at_s)
{
	struct nat_packet packet = {.tuple = *tuple, .tcp_flags = TCP_SYN};
	struct nat_answer answer;
	nat_decide_outbound(nat, &packet, seconds(at_s), &answer);
	return answer.reason == REASON_NONE;
}

/* The outside port of a packet of INSIDE:src_port, or 0 where it is refused. TCP opens. */
static inline uint16_t out(struct nat *nat, uint8_t proto, uint16_t src_port, uint32_t dst, uint16_t dst_port,
			   int64_t at_s)
{
	struct nat_answer answer = ask(nat, true, 0, tuple_make(proto, INSIDE, src_port, dst, dst_port),
				       proto == PROTO_TCP ? TCP_SYN : 0, at_s);
	return answer.reason == REASON_NONE ? be16_to(answer.port) : 0;
}

static inline struct nat_answer in(struct nat *nat, uint8_t proto, uint32_t src, uint16_t src_port, uint16_t port,
				   int64_t at_s)
{
	return ask(nat, false, 0, tuple_make(proto, src, src_port, OUTSIDE, port), proto == PROTO_TCP ? TCP_ACK : 0,
		   at_s);
}

static inline uint64_t n_mappings(const struct nat *nat)
{
	struct nat_metrics metrics;
	nat_metrics(nat, UINT32_MAX, &metrics);
	return metrics.mappings;
}
#endif

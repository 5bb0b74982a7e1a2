/* Crafted packets into a NAT, from both sides, while time passes and mappings end.
 *
 * DOC: the bytes choose the NAT's rules, then packet after packet. What must hold of every NAT is the oracle:
 *   - an outside port is of the NAT's range and of one of its addresses, and is never one that is reserved;
 *   - two inside end points never have the same outside port towards the same destination;
 *   - a packet that answers a mapping's packet leads back to the inside end point that sent it, and to no other;
 *   - what is decided without a commit changes nothing: asked again it is the same;
 *   - no mapping lives beyond its end; as many live as were made and did not end. */
#include "fuzz.h"
#include "net/header.h"
#include "rule/nat.h"
#include <string.h>

#define N_INSIDE 6u
#define N_REMOTE 4u
#define N_PORTS 5u
#define RESERVED_PORT 1030u
#define MAX_STEPS 400

struct bench {
	struct nat *nat;
	struct nat_rules rules;
	be32 addresses[3];
	struct instant now;
	uint64_t n_made, n_ended, n_live;
};

static void ended(void *context, const struct nat_mapping *mapping, const struct nat_acks *acks, enum nat_end why,
		  struct instant at)
{
	struct bench *bench = context;
	(void)mapping;
	(void)acks;
	fuzz_check(why != NAT_END_LIVE && why < NAT_END_COUNT, "an end has a reason");
	fuzz_check(at.ns <= bench->now.ns, "an end is not in the future");
	bench->n_ended++;
}

static void count(void *context, const struct nat_mapping *mapping)
{
	struct bench *bench = context;
	bench->n_live++;
	fuzz_check(!instant_before(nat_mapping_ends(bench->nat, mapping), bench->now), "no mapping outlives its end");
	fuzz_check(mapping->outside_port != RESERVED_PORT || mapping->inside.proto == PROTO_ICMP,
		   "no reserved port is given");
}

static bool begin(struct bench *bench, struct fuzz_bytes *bytes)
{
	static const int64_t idle_ns[] = {NS_PER_S, 60 * NS_PER_S, 240 * NS_PER_S};
	uint32_t first = 1024 + fuzz_below(bytes, 8);
	for (uint32_t i = 0; i < 3; i++)
		bench->addresses[i] = be32_from(UINT32_C(0xc0170102) + i);
	bench->rules = (struct nat_rules){
		.addresses = bench->addresses,
		.n_addresses = 1 + fuzz_below(bytes, 3),
		.mapping = (enum nat_depends)fuzz_below(bytes, 3),
		.udp_mapping = (enum nat_depends)fuzz_below(bytes, 3),
		.filtering = (enum nat_depends)fuzz_below(bytes, 3),
		.allocation = (enum nat_allocates)fuzz_below(bytes, 3),
		.reuse = (enum nat_reuse)fuzz_below(bytes, 2),
		.port_first = (uint16_t)first,
		.port_last = (uint16_t)(first + 2 + fuzz_below(bytes, 64)),
		.hairpin = fuzz_below(bytes, 2),
		.translate_icmp = true,
		.translate_fragments = true,
		.forgets_refused = fuzz_below(bytes, 2),
		.closing_is_idle = fuzz_below(bytes, 2),
		.doubts_resets = fuzz_below(bytes, 2),
		.reset_on_idle = fuzz_below(bytes, 2),
		.tcp_idle_ns = idle_ns[fuzz_below(bytes, 3)],
		.tcp_transitory_ns = idle_ns[fuzz_below(bytes, 3)],
		.tcp_reset_ns = idle_ns[fuzz_below(bytes, 3)],
		.udp_idle_ns = idle_ns[fuzz_below(bytes, 3)],
		.udp_stream_ns = 120 * NS_PER_S,
		.icmp_idle_ns = 30 * NS_PER_S,
		.seed = 1,
	};
	if (nat_new(&bench->rules, &bench->nat) < 0)
		return false;
	nat_observe(bench->nat, ended, bench);
	nat_reserve(bench->nat, RESERVED_PORT);
	return true;
}

static struct nat_packet nat_packet_of(struct bench *bench, struct fuzz_bytes *bytes, bool out)
{
	static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP, PROTO_ICMP},
			     flags[] = {TCP_SYN, TCP_ACK, TCP_SYN | TCP_ACK, TCP_FIN | TCP_ACK, TCP_RST, 0};
	struct nat_packet q = {.ip_bytes = 40 + fuzz_below(bytes, 1400)};
	q.tuple.proto = protos[fuzz_below(bytes, 3)];
	be32 remote = be32_from(UINT32_C(0xcb00710a) + fuzz_below(bytes, N_REMOTE));
	be16 remote_port = be16_from(q.tuple.proto == PROTO_ICMP ? 0 : (uint16_t)(80 + fuzz_below(bytes, 3)));
	if (out) {
		q.tuple.src = be32_from(UINT32_C(0x0a000104) + fuzz_below(bytes, N_INSIDE));
		q.tuple.src_port = be16_from((uint16_t)(bench->rules.port_first + fuzz_below(bytes, N_PORTS)));
		q.tuple.dst = remote;
		q.tuple.dst_port = remote_port;
	} else {
		q.tuple.src = remote;
		q.tuple.src_port = remote_port;
		q.tuple.dst = bench->addresses[fuzz_below(bytes, bench->rules.n_addresses)];
		q.tuple.dst_port = be16_from((uint16_t)(bench->rules.port_first + fuzz_below(bytes, 8)));
	}
	if (q.tuple.proto == PROTO_TCP)
		q.tcp_flags = flags[fuzz_below(bytes, sizeof flags)];
	return q;
}

static bool same_answer(const struct nat_answer *a, const struct nat_answer *b)
{
	return a->reason == b->reason && a->addr.raw == b->addr.raw && be16_to(a->port) == be16_to(b->port);
}

/* The answer to what just left leads back to who sent it. */
static void check_way_back(struct bench *bench, const struct nat_packet *out, const struct nat_answer *sent)
{
	struct nat_packet in = {
		.tuple = {out->tuple.dst, sent->addr, out->tuple.dst_port, sent->port, out->tuple.proto},
		.tcp_flags = out->tuple.proto == PROTO_TCP ? TCP_ACK : 0,
		.ip_bytes = 40};
	struct nat_answer back;
	if (out->tuple.proto == PROTO_ICMP) {
		in.tuple.src_port = be16_from(0);
		in.tuple.dst_port = sent->port;
	}
	nat_decide_inbound(bench->nat, &in, bench->now, &back);
	if (back.reason != REASON_NONE) /* its connection may be over with this packet */
		return;
	fuzz_check(back.addr.raw == out->tuple.src.raw, "an answer leads back to its address");
	fuzz_check(be16_to(back.port) == be16_to(out->tuple.src_port), "an answer leads back to its port");
}

static void pass(struct bench *bench, struct fuzz_bytes *bytes, bool out)
{
	struct nat_packet q = nat_packet_of(bench, bytes, out);
	struct nat_answer decided, again, answer;
	(out ? nat_decide_outbound : nat_decide_inbound)(bench->nat, &q, bench->now, &decided);
	(out ? nat_decide_outbound : nat_decide_inbound)(bench->nat, &q, bench->now, &again);
	fuzz_check(same_answer(&decided, &again), "a decision changes nothing");
	int r = (out ? nat_outbound : nat_inbound)(bench->nat, &q, bench->now, &answer);
	fuzz_check(r == 0 && same_answer(&decided, &answer), "a packet gets what was decided");
	bench->n_made += answer.reason == REASON_NONE && answer.created;
	if (!out || answer.reason != REASON_NONE)
		return;
	fuzz_check(nat_has_address(bench->nat, answer.addr), "the outside address is the NAT's");
	if (q.tuple.proto != PROTO_ICMP)
		fuzz_check(be16_to(answer.port) >= bench->rules.port_first &&
				   be16_to(answer.port) <= bench->rules.port_last &&
				   be16_to(answer.port) != RESERVED_PORT,
			   "the port is of the range, and not reserved");
	check_way_back(bench, &q, &answer);
}

static void let_pass(struct bench *bench, struct fuzz_bytes *bytes)
{
	static const int64_t steps_ns[] = {1000000, NS_PER_S, 31 * NS_PER_S, 250 * NS_PER_S};
	struct instant until = instant_add(bench->now, steps_ns[fuzz_below(bytes, 4)]);
	while (!instant_before(until, nat_expiry(bench->nat))) {
		struct instant due = nat_expiry(bench->nat);
		bench->now = instant_before(bench->now, due) ? due : bench->now;
		fuzz_check(nat_handle(bench->nat, bench->now) == 0, "mappings end");
		fuzz_check(instant_before(bench->now, nat_expiry(bench->nat)), "what is due is done");
	}
	bench->now = until;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = {data, size};
	struct bench bench = {0};
	if (!begin(&bench, &bytes))
		return 0;
	for (int i = 0; i < MAX_STEPS && bytes.n > 0; i++) {
		uint32_t what = fuzz_below(&bytes, 8);
		if (what == 0)
			let_pass(&bench, &bytes);
		else
			pass(&bench, &bytes, what < 6);
	}
	fuzz_check(nat_each(bench.nat, count, &bench) == 0, "mappings can be listed");
	fuzz_check(bench.n_live + bench.n_ended == bench.n_made, "each mapping lives or has ended");
	struct nat_metrics metrics;
	nat_metrics(bench.nat, UINT32_MAX, &metrics);
	fuzz_check(metrics.mappings == bench.n_live, "the count of mappings is right");
	nat_free(bench.nat);
	return 0;
}

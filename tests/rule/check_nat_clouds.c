/* What the NATs of the clouds do beside plain source NAT: ports that rest, limits, reuse where no port is left, blocks that
 * double, forwards, one to one. Each test is named after the page that says so (docs/nat.md has the list). */
#include "base/random.h"
#include "nat_kit.h"
#include <stdlib.h>

static struct nat *nat;

static void setup(void)
{
	nat = NULL;
}

static void teardown(void)
{
	nat_free(nat);
}

#define REMOTE_PORT 443

/* Azure's NAT gateway, with few ports. */
static struct nat_rules gateway_rules(void)
{
	struct nat_rules rules = symmetric_rules();
	rules.reuse = NAT_REUSE_WHEN_EXHAUSTED;
	rules.hold = (struct nat_hold){.fin_ns = 65 * S,
				       .rst_ns = 16 * S,
				       .udp_ns = 65 * S,
				       .half_open_ns = 30 * S,
				       .has_fin = true,
				       .has_rst = true,
				       .has_udp = true,
				       .has_half_open = true};
	rules.tcp_transitory_ns = 65 * S;
	rules.tcp_reset_ns = 16 * S;
	rules.tcp_opening_ns = 30 * S;
	rules.udp_idle_ns = rules.udp_stream_ns = 240 * S;
	rules.pooling = NAT_POOLING_RANDOM;
	rules.allocation = NAT_ALLOCATES_RANDOM;
	return rules;
}

static bool tcp(bool outbound, uint16_t src_port, uint16_t port, uint8_t flags, int64_t at_s)
{
	struct tuple tuple = outbound ? tuple_make(PROTO_TCP, INSIDE, src_port, REMOTE, REMOTE_PORT)
				      : tuple_make(PROTO_TCP, REMOTE, REMOTE_PORT, OUTSIDE, port);
	return ask(nat, outbound, 0, tuple, flags, at_s).reason == REASON_NONE;
}

/* Opens, and answers. */
static uint16_t connect(uint16_t src_port, int64_t at_s)
{
	uint16_t port = out(nat, PROTO_TCP, src_port, REMOTE, REMOTE_PORT, at_s);
	ck_assert(port != 0 && tcp(false, src_port, port, TCP_SYN | TCP_ACK, at_s));
	ck_assert(tcp(true, src_port, port, TCP_ACK, at_s));
	return port;
}

static uint64_t ports_in_use(void)
{
	struct nat_metrics metrics;
	nat_metrics(nat, UINT32_MAX, &metrics);
	return metrics.ports_in_use;
}

/* "a 65-second timer is activated that holds down the SNAT port": towards the same destination. */
START_TEST(nat_gateway_resource_fin_65_s)
{
	struct nat_rules rules = gateway_rules();
	rules.port_last = rules.port_first; /* one */
	nat = nat_of(rules);
	uint16_t port = connect(5000, 0);
	ck_assert(tcp(true, 5000, port, TCP_FIN | TCP_ACK, 10));
	ck_assert_uint_eq(n_mappings(nat), 1); /* one side alone */
	ck_assert(tcp(false, 5000, port, TCP_FIN | TCP_ACK, 20));
	ck_assert_uint_eq(n_mappings(nat), 0); /* it counts as ended, */
	ck_assert_uint_eq(ports_in_use(), 0);
	ck_assert_uint_eq(nat_n_resting(nat), 1);
	ck_assert(tcp(true, 5000, port, TCP_ACK, 20)); /* and its last packets pass */
	ck_assert(tcp(false, 5000, port, TCP_ACK, 84));
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5001, REMOTE, REMOTE_PORT, 84), 0);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5000, REMOTE, REMOTE_PORT, 84), 0); /* the same end points too */
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5001, REMOTE2, REMOTE_PORT, 84), port);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5002, REMOTE, REMOTE_PORT, 85), port);
	ck_assert_uint_eq(nat_n_resting(nat), 0);
}
END_TEST

START_TEST(nat_gateway_resource_rst_16_s)
{
	struct nat_rules rules = gateway_rules();
	rules.port_last = rules.port_first;
	nat = nat_of(rules);
	uint16_t port = connect(5000, 0);
	ck_assert(tcp(false, 5000, port, TCP_RST, 10));
	ck_assert_uint_eq(n_mappings(nat), 0);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5001, REMOTE, REMOTE_PORT, 25), 0);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5001, REMOTE, REMOTE_PORT, 26), port);
}
END_TEST

/* A reset while the port rests after FIN ends that sooner. */
START_TEST(nat_gateway_resource_rst_after_fin)
{
	struct nat_rules rules = gateway_rules();
	rules.port_last = rules.port_first;
	nat = nat_of(rules);
	uint16_t port = connect(5000, 0);
	ck_assert(tcp(true, 5000, port, TCP_FIN | TCP_ACK, 0));
	ck_assert(tcp(false, 5000, port, TCP_FIN | TCP_ACK, 0));
	ck_assert(tcp(true, 5000, port, TCP_RST, 10));
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5001, REMOTE, REMOTE_PORT, 25), 0);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5001, REMOTE, REMOTE_PORT, 26), port);
}
END_TEST

/* "For UDP traffic, after a connection has closed, the port will be in hold down for 65 seconds". */
START_TEST(nat_gateway_resource_udp_65_s)
{
	struct nat_rules rules = gateway_rules();
	rules.port_last = (uint16_t)(rules.port_first + 1); /* two */
	nat = nat_of(rules);
	uint16_t port = out(nat, PROTO_UDP, 5000, REMOTE, 53, 0);
	ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE, 53, port, 239).reason, REASON_NONE);
	ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE, 53, port, 479).reason, REASON_NO_MAPPING); /* it has ended */
	ck_assert_uint_eq(n_mappings(nat), 0);
	uint16_t second = out(nat, PROTO_UDP, 5000, REMOTE, 53, 480);
	ck_assert(second != 0 && second != port);
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5001, REMOTE, 53, 543), 0);
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5001, REMOTE, 53, 544), port);
}
END_TEST

START_TEST(nat_gateway_resource_half_open_30_s)
{
	struct nat_rules rules = gateway_rules();
	rules.port_last = rules.port_first;
	nat = nat_of(rules);
	uint16_t port = out(nat, PROTO_TCP, 5000, REMOTE, REMOTE_PORT, 0);
	ck_assert(tcp(true, 5000, port, TCP_SYN, 15)); /* the last SYN counts */
	ck_assert_uint_eq(n_mappings(nat), 1);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5001, REMOTE, REMOTE_PORT, 44), 0);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5001, REMOTE, REMOTE_PORT, 45), port);
}
END_TEST

/* "UDP keepalives should be enabled for both directions": each has its own timer. */
START_TEST(nat_gateway_resource_udp_idle_for_each_direction)
{
	for (int both = 0; both < 2; both++) {
		struct nat_rules rules = gateway_rules();
		rules.idle_each_way = true;
		nat_free(nat);
		nat = nat_of(rules);
		uint16_t port = out(nat, PROTO_UDP, 5000, REMOTE, 53, 0);
		for (int64_t at = 60; at < 240; at += 60) {
			ck_assert_uint_eq(out(nat, PROTO_UDP, 5000, REMOTE, 53, at), port);
			if (both)
				ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE, 53, port, at).reason, REASON_NONE);
		}
		ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE, 53, port, 240).reason,
				 both ? REASON_NONE : REASON_NO_MAPPING);
	}
}
END_TEST

/* "selects a port at random out of the available inventory"; "can be reused so long as it's going to a different
 * destination endpoint" where none is available. */
START_TEST(nat_gateway_snat_shares_only_when_none_is_free)
{
	struct nat_rules rules = gateway_rules();
	bool seen[8] = {false};
	rules.port_last = (uint16_t)(rules.port_first + 7);
	nat = nat_of(rules);
	for (uint16_t i = 0; i < 8; i++) {
		uint16_t port = out(nat, PROTO_TCP, (uint16_t)(5000 + i), REMOTE + i, 443, 0);
		ck_assert(port >= 1024 && port < 1032 && !seen[port - 1024]);
		seen[port - 1024] = true;
	}
	ck_assert_uint_ne(out(nat, PROTO_TCP, 5100, REMOTE + 100, 443, 0), 0); /* shares */
	ck_assert_uint_eq(ports_in_use(), 8);
	for (uint16_t i = 0; i < 7; i++)
		ck_assert_uint_ne(out(nat, PROTO_TCP, (uint16_t)(5200 + i), REMOTE + 100, 443, 0), 0);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5300, REMOTE + 100, 443, 0), 0);
}
END_TEST

/* "up to 50,000 concurrent connections per public IP address to the same destination endpoint". */
START_TEST(nat_gateway_resource_50000_an_address_and_destination)
{
	struct nat_rules rules = gateway_rules();
	rules.limits.per_destination = 3;
	rules.n_addresses = 2;
	nat = nat_of(rules);
	for (uint16_t i = 0; i < 6; i++)
		ck_assert_uint_ne(out(nat, PROTO_TCP, (uint16_t)(5000 + i), REMOTE, 443, 0), 0);
	struct nat_answer answer = ask(nat, true, 0, tuple_make(PROTO_TCP, INSIDE, 6000, REMOTE, 443), TCP_SYN, 0);
	ck_assert_int_eq(answer.reason, REASON_SNAT_PORTS_EXHAUSTED);
	ck_assert_int_eq(answer.limit, NAT_LIMIT_DESTINATION);
	ck_assert_uint_ne(out(nat, PROTO_TCP, 6000, REMOTE, 444, 0), 0);  /* another port is another destination, */
	ck_assert_uint_ne(out(nat, PROTO_UDP, 6000, REMOTE, 443, 0), 0);  /* and another protocol */
	ck_assert_uint_ne(out(nat, PROTO_TCP, 6001, REMOTE, 443, 30), 0); /* the half-open ones have ended */
}
END_TEST

/* docs/nat.md, "Addresses by chance". */
START_TEST(nat_gateway_snat_address_by_chance)
{
	struct nat_rules rules = gateway_rules();
	unsigned n[4] = {0};
	rules.n_addresses = 4;
	rules.seed = 77;
	nat = nat_of(rules);
	for (uint16_t port = 5000; port < 5400; port++) {
		struct nat_answer answer = ask(nat, true, 0, tuple_make(PROTO_UDP, INSIDE, port, REMOTE, 53), 0, 0);
		uint64_t addresses = (uint64_t)INSIDE << 32 | REMOTE,
			 ports = (uint64_t)port << 32 | UINT64_C(53) << 16 | PROTO_UDP;
		uint32_t chosen = random_below(random_join(77, random_join(addresses, ports)), 4);
		ck_assert_uint_eq(be32_to(answer.addr), OUTSIDE + chosen);
		n[chosen]++;
	}
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_gt(n[i], 60);
}
END_TEST

START_TEST(nat_gateway_resource_two_million_in_all)
{
	struct nat_rules rules = gateway_rules();
	rules.limits.mappings = 2;
	nat = nat_of(rules);
	ck_assert_uint_ne(out(nat, PROTO_TCP, 5000, REMOTE, 443, 0), 0);
	ck_assert_uint_ne(out(nat, PROTO_UDP, 5000, REMOTE2, 53, 0), 0);
	struct nat_answer answer = ask(nat, true, 0, tuple_make(PROTO_TCP, INSIDE, 5001, REMOTE2, 443), TCP_SYN, 0);
	ck_assert_int_eq(answer.reason, REASON_SNAT_PORTS_EXHAUSTED);
	ck_assert_int_eq(answer.limit, NAT_LIMIT_MAPPINGS);
	ck_assert_uint_ne(out(nat, PROTO_TCP, 5001, REMOTE2, 443, 30), 0);
}
END_TEST

/* VPP det44: 1000 sessions of a user. */
START_TEST(det44_sessions_of_a_user)
{
	struct nat_rules rules = symmetric_rules();
	rules.limits.per_host = 2;
	nat = nat_of(rules);
	ck_assert_uint_ne(out(nat, PROTO_TCP, 5000, REMOTE, 443, 0), 0);
	ck_assert_uint_ne(out(nat, PROTO_TCP, 5001, REMOTE, 443, 0), 0);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5002, REMOTE, 443, 0), 0);
	struct nat_answer other = ask(nat, true, 0, tuple_make(PROTO_TCP, INSIDE2, 5000, REMOTE, 443), TCP_SYN, 0);
	ck_assert_int_eq(other.reason, REASON_NONE);
}
END_TEST

/* A mapping for all destinations counts towards each that it was used for. */
START_TEST(limit_of_an_endpoint_independent_mapping)
{
	struct nat_rules rules = plain_rules();
	rules.limits.per_destination = 1;
	nat = nat_of(rules);
	uint16_t port = out(nat, PROTO_UDP, 5000, REMOTE, 53, 0);
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5000, REMOTE2, 53, 0), port);
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5001, REMOTE, 54, 0), (uint16_t)(port + 1));
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5001, REMOTE2, 53, 0), 0);
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5002, REMOTE2, 53, 0), 0);
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5000, REMOTE2, 53, 59), port);
	ck_assert_uint_ne(out(nat, PROTO_UDP, 5001, REMOTE2, 53, 200), 0); /* the first has ended */
}
END_TEST

/* "If minPortsPerVm is not set, a minimum of 32 ports": doubled when they are used up. */
START_TEST(router_nat_ports_double)
{
	struct nat_rules rules = symmetric_rules();
	rules.ports_per_worker = NAT_PORTS_DOUBLING;
	rules.ports_min = 32;
	rules.ports_max = 128;
	rules.port_last = (uint16_t)(rules.port_first + 255);
	nat = nat_of(rules);
	nat_blocks_by_source(nat, 0);
	static const uint32_t after[] = {[0] = 32, [31] = 32, [32] = 64, [63] = 64, [64] = 128, [127] = 128};
	for (uint16_t i = 0; i < 128; i++) {
		ck_assert_uint_ne(out(nat, PROTO_TCP, (uint16_t)(5000 + i), REMOTE, 443, 0), 0);
		if (i < sizeof after / sizeof *after && after[i] != 0)
			ck_assert_uint_eq(nat_units_ports(nat, 0), after[i]);
	}
	ck_assert_uint_eq(out(nat, PROTO_TCP, 6000, REMOTE, 443, 0), 0);  /* no more than max, */
	ck_assert_uint_ne(out(nat, PROTO_TCP, 6000, REMOTE2, 443, 0), 0); /* which serve other destinations, too */
	for (uint32_t host = 1; host < 3; host++)
		for (uint16_t i = 0; i < 64; i++) {
			struct nat_answer answer = ask(
				nat, true, 0, tuple_make(PROTO_TCP, INSIDE + host, (uint16_t)(5000 + i), REMOTE, 443),
				TCP_SYN, 0);
			ck_assert_int_eq(answer.reason, REASON_NONE);
		}
	struct nat_answer last = ask(nat, true, 0, tuple_make(PROTO_TCP, INSIDE + 3, 5000, REMOTE, 443), TCP_SYN, 0);
	ck_assert_int_eq(last.reason, REASON_SNAT_PORTS_EXHAUSTED); /* the range is given out */
	ck_assert_uint_eq(ports_in_use(), 256);
}
END_TEST

/* ---- what is configured ---- */

static struct nat_forward forwards[] = {
	{.first = 8080, .last = 8080, .proto = PROTO_TCP, .to_port = 80, .fixed = {.rule = "forward/8080/tcp"}},
	{.first = 5000, .last = 5010, .proto = PROTO_UDP, .fixed = {.rule = "forward/5000-5010/udp"}},
};

static struct nat_rules forwarding(struct nat_rules rules)
{
	for (size_t i = 0; i < 2; i++)
		forwards[i].to = be32_from(INSIDE);
	rules.forwards = forwards;
	rules.n_forwards = 2;
	return rules;
}

START_TEST(docker_publish_a_port)
{
	nat = nat_of(forwarding(symmetric_rules()));
	struct nat_answer answer = ask(nat, false, 0, tuple_make(PROTO_TCP, REMOTE, 4000, OUTSIDE, 8080), TCP_SYN, 0);
	ck_assert_int_eq(answer.reason, REASON_NONE);
	ck_assert_uint_eq(be32_to(answer.addr), INSIDE);
	ck_assert_uint_eq(be16_to(answer.port), 80);
	ck_assert_str_eq(answer.fixed->rule, "forward/8080/tcp");
	answer = ask(nat, true, 0, tuple_make(PROTO_TCP, INSIDE, 80, REMOTE, 4000), TCP_SYN | TCP_ACK, 0);
	ck_assert_int_eq(answer.reason, REASON_NONE);
	ck_assert_uint_eq(be32_to(answer.addr), OUTSIDE);
	ck_assert_uint_eq(be16_to(answer.port), 8080);
	ck_assert_uint_eq(n_mappings(nat), 1);
	answer = ask(nat, false, 0, tuple_make(PROTO_TCP, REMOTE, 4001, OUTSIDE, 8080), TCP_ACK, 0);
	ck_assert_int_eq(answer.reason, REASON_NO_MAPPING); /* in the middle of none */
	answer = ask(nat, false, 0, tuple_make(PROTO_UDP, REMOTE, 4000, OUTSIDE, 5004), 0, 0);
	ck_assert_uint_eq(be16_to(answer.port), 5004);
	answer = ask(nat, false, 0, tuple_make(PROTO_UDP, REMOTE, 4000, OUTSIDE, 8080), 0, 0);
	ck_assert_int_eq(answer.reason, REASON_NO_MAPPING);
}
END_TEST

/* What is forwarded is given to no other mapping, and is the port of the machine's own calls where that is one for all. */
START_TEST(forward_keeps_its_port)
{
	for (int endpoint_independent = 0; endpoint_independent < 2; endpoint_independent++) {
		struct nat_rules rules = forwarding(endpoint_independent ? plain_rules() : symmetric_rules());
		rules.allocation = NAT_ALLOCATES_PRESERVE;
		rules.filtering = NAT_ON_ADDRESS_AND_PORT;
		nat_free(nat);
		nat = nat_of(rules);
		struct nat_answer other =
			ask(nat, true, 0, tuple_make(PROTO_TCP, INSIDE2, 8080, REMOTE, 443), TCP_SYN, 0);
		ck_assert(other.reason == REASON_NONE && be16_to(other.port) != 8080);
		uint16_t own = out(nat, PROTO_TCP, 80, REMOTE, 443, 0);
		ck_assert_int_eq(own == 8080, endpoint_independent);
		for (uint32_t i = 0; i < 2; i++) { /* a caller is let in */
			struct nat_answer answer =
				ask(nat, false, 0, tuple_make(PROTO_TCP, REMOTE2 + i, 4000, OUTSIDE, 8080), TCP_SYN, 0);
			ck_assert_int_eq(answer.reason, REASON_NONE);
			ck_assert_uint_eq(be16_to(answer.port), 80);
		}
	}
}
END_TEST

START_TEST(rfc2663_sec_4_1_1_one_to_one)
{
	struct nat_rules rules = symmetric_rules();
	struct nat_static one = {
		.outside = be32_from(OUTSIDE + 9), .inside = be32_from(INSIDE), .fixed = {.rule = "static"}};
	rules.statics = &one;
	rules.n_statics = 1;
	rules.translate_icmp = false;
	nat = nat_of(rules);
	ck_assert(nat_has_address(nat, be32_from(OUTSIDE + 9)));
	static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP, PROTO_ICMP};
	for (size_t i = 0; i < 3; i++) {
		struct nat_answer answer =
			ask(nat, true, 0, tuple_make(protos[i], INSIDE, 5000, REMOTE, 443), TCP_ACK, 0);
		ck_assert_int_eq(answer.reason, REASON_NONE);
		ck_assert_uint_eq(be32_to(answer.addr), OUTSIDE + 9);
		ck_assert_uint_eq(be16_to(answer.port), 5000);
		answer = ask(nat, false, 0, tuple_make(protos[i], REMOTE2, 443, OUTSIDE + 9, 22), TCP_SYN, 0);
		ck_assert_int_eq(answer.reason, REASON_NONE);
		ck_assert_uint_eq(be32_to(answer.addr), INSIDE);
		ck_assert_uint_eq(be16_to(answer.port), 22);
	}
	ck_assert_uint_eq(n_mappings(nat), 0);
	struct nat_answer other = ask(nat, true, 0, tuple_make(PROTO_TCP, INSIDE2, 5000, REMOTE, 443), TCP_SYN, 0);
	ck_assert_uint_eq(be32_to(other.addr), OUTSIDE);
}
END_TEST

START_TEST(except_and_only)
{
	struct prefix except = {be32_from(REMOTE2), 32}, only = {be32_from(REMOTE & ~255u), 24};
	struct nat_rules rules = symmetric_rules();
	rules.except = &except;
	rules.n_except = 1;
	rules.only = &only;
	rules.n_only = 1;
	nat = nat_of(rules);
	struct tuple translated = tuple_make(PROTO_TCP, INSIDE, 5000, REMOTE, 443),
		     kept = tuple_make(PROTO_TCP, INSIDE, 5000, REMOTE2, 443),
		     other = tuple_make(PROTO_TCP, INSIDE, 5000, OUTSIDE + 1000, 443);
	ck_assert(!nat_keeps_source(nat, &translated, seconds(0)));
	ck_assert(nat_keeps_source(nat, &kept, seconds(0)) && nat_keeps_source(nat, &other, seconds(0)));
}
END_TEST

/* ---- invariants ---- */

#define N_STEPS 4000

static void each_mapping(void *context, const struct nat_mapping *m)
{
	uint32_t *n = context;
	struct nat_packet back = {.tuple = tuple_reverse(m->inside), .ip_bytes = 40};
	struct nat_answer answer;
	back.tuple.dst = nat_outside_address(nat, m);
	back.tuple.dst_port = be16_from(m->outside_port);
	nat_decide_inbound(nat, &back, seconds(0), &answer); /* before all of them end */
	ck_assert_int_eq(answer.reason, REASON_NONE);
	ck_assert_uint_eq(answer.addr.raw, m->inside.src.raw);
	ck_assert_uint_eq(answer.port.raw, m->inside.src_port.raw);
	++*n;
}

/* By chance: live mappings are one to one, a reply restores the tuple, a port that rests is not given out. */
START_TEST(property_of_the_new_keys)
{
	struct nat_rules rules = gateway_rules();
	uint64_t state = (uint64_t)_i + 1;
	rules.port_last = (uint16_t)(rules.port_first + 15);
	rules.n_addresses = 1 + (uint32_t)_i % 3;
	rules.idle_each_way = _i % 2;
	rules.limits = (struct nat_limits){.per_destination = 9, .mappings = 40, .per_host = 14};
	rules.reuse = (enum nat_reuse)(_i % 3);
	if (_i % 4 == 3) {
		rules.ports_per_worker = NAT_PORTS_DOUBLING;
		rules.ports_min = 2;
		rules.ports_max = 8;
	}
	nat = nat_of(rules);
	if (_i % 4 == 3)
		nat_blocks_by_source(nat, 0);
	struct {
		be32 addr;
		uint16_t port;
		struct tuple inside;
		int64_t closed_s;
	} closed[N_STEPS];
	size_t n_closed = 0;
	int64_t now_s = 0;
	for (unsigned step = 0; step < N_STEPS; step++) {
		state = random_mix(state);
		now_s += (int64_t)(state % 3);
		uint16_t src_port = (uint16_t)(5000 + (state >> 8) % 12);
		uint32_t host = (uint32_t)(state >> 16) % 4, remote = (uint32_t)(state >> 24) % 3;
		struct tuple tuple = tuple_make(PROTO_TCP, INSIDE + host, src_port, REMOTE + remote, 443);
		struct nat_answer answer = ask(nat, true, 0, tuple, TCP_SYN, now_s);
		if (answer.reason != REASON_NONE)
			continue;
		struct tuple back = tuple_reverse(tuple);
		back.dst = answer.addr;
		back.dst_port = answer.port;
		for (size_t i = 0; answer.created && i < n_closed; i++)
			ck_assert_msg(closed[i].closed_s + 65 <= now_s || closed[i].addr.raw != answer.addr.raw ||
					      closed[i].port != be16_to(answer.port) ||
					      closed[i].inside.dst.raw != tuple.dst.raw,
				      "step %u: a port that rests is given out", step);
		struct nat_answer restored = ask(nat, false, 0, back, TCP_SYN | TCP_ACK, now_s);
		ck_assert_int_eq(restored.reason, REASON_NONE);
		ck_assert_uint_eq(restored.addr.raw, tuple.src.raw);
		ck_assert_uint_eq(restored.port.raw, tuple.src_port.raw);
		if ((state >> 40) % 2 == 0)
			continue;
		ck_assert_int_eq(ask(nat, true, 0, tuple, TCP_FIN | TCP_ACK, now_s).reason, REASON_NONE);
		ck_assert_int_eq(ask(nat, false, 0, back, TCP_FIN | TCP_ACK, now_s).reason, REASON_NONE);
		closed[n_closed].addr = answer.addr;
		closed[n_closed].port = be16_to(answer.port);
		closed[n_closed].inside = tuple;
		closed[n_closed++].closed_s = now_s;
	}
	ck_assert_uint_gt(n_closed, 100);
	uint32_t n = 0;
	ck_assert_int_eq(nat_each(nat, each_mapping, &n), 0);
	ck_assert_uint_eq(n, n_mappings(nat));
	ck_assert_int_eq(nat_handle(nat, seconds(now_s + 100000)), 0);
	ck_assert_uint_eq(n_mappings(nat), 0);
	ck_assert_uint_eq(nat_n_resting(nat), 0);
	ck_assert_uint_eq(ports_in_use(), 0);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("rule/nat_clouds", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nat_gateway_resource_fin_65_s);
	tcase_add_test(tc, nat_gateway_resource_rst_16_s);
	tcase_add_test(tc, nat_gateway_resource_rst_after_fin);
	tcase_add_test(tc, nat_gateway_resource_udp_65_s);
	tcase_add_test(tc, nat_gateway_resource_half_open_30_s);
	tcase_add_test(tc, nat_gateway_resource_udp_idle_for_each_direction);
	tcase_add_test(tc, nat_gateway_snat_shares_only_when_none_is_free);
	tcase_add_test(tc, nat_gateway_resource_50000_an_address_and_destination);
	tcase_add_test(tc, nat_gateway_snat_address_by_chance);
	tcase_add_test(tc, nat_gateway_resource_two_million_in_all);
	tcase_add_test(tc, det44_sessions_of_a_user);
	tcase_add_test(tc, limit_of_an_endpoint_independent_mapping);
	tcase_add_test(tc, router_nat_ports_double);
	tcase_add_test(tc, docker_publish_a_port);
	tcase_add_test(tc, forward_keeps_its_port);
	tcase_add_test(tc, rfc2663_sec_4_1_1_one_to_one);
	tcase_add_test(tc, except_and_only);
	const char *wanted = getenv("PKTPATH_PROPERTY_COUNT");
	tcase_add_loop_test(tc, property_of_the_new_keys, 0, wanted ? atoi(wanted) : 24);
	return suite_run(suite);
}

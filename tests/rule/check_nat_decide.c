/* A NAT that is asked without doing answers what the packet gets: over any sequence of packets, kinds of NAT and times,
 * those between the end of a mapping and its timer included. */
#include "base/random.h"
#include "nat_kit.h"

static uint64_t drawn;

static uint32_t draw(uint32_t below)
{
	return random_below(random_mix(++drawn), below);
}

static struct nat_rules any_rules(void)
{
	struct nat_rules rules = plain_rules();
	rules.mapping = (enum nat_depends)draw(3);
	rules.udp_mapping = draw(2) ? rules.mapping : (enum nat_depends)draw(3);
	rules.filtering = (enum nat_depends)draw(3);
	rules.allocation = (enum nat_allocates)draw(3);
	rules.reuse = (enum nat_reuse)draw(2);
	rules.n_addresses = 1 + draw(3);
	rules.port_first = 5000;
	rules.port_last = (uint16_t)(5000 + draw(30));
	rules.closing_is_idle = draw(2);
	rules.doubts_resets = draw(2);
	rules.forgets_refused = draw(2);
	rules.tcp_opening_ns = (1 + draw(20)) * S;
	rules.tcp_idle_ns = (1 + draw(40)) * S;
	rules.tcp_transitory_ns = (1 + draw(30)) * S;
	rules.tcp_reset_ns = (1 + draw(20)) * S;
	rules.udp_idle_ns = (1 + draw(30)) * S;
	rules.udp_stream_ns = (1 + draw(30)) * S;
	rules.icmp_idle_ns = (1 + draw(30)) * S;
	return rules;
}

static struct nat_packet any_packet(bool *ret_out)
{
	static const uint8_t protos[] = {PROTO_TCP, PROTO_TCP, PROTO_UDP, PROTO_ICMP};
	static const uint8_t flags[] = {TCP_SYN, TCP_SYN,           TCP_SYN | TCP_ACK, TCP_ACK,
					TCP_RST, TCP_FIN | TCP_ACK, TCP_SYN | TCP_FIN};
	uint8_t proto = protos[draw(4)];
	*ret_out = draw(2);
	uint32_t inside = INSIDE + draw(3), remote = REMOTE + draw(3);
	uint16_t port = (uint16_t)(4998 + draw(32)), far = (uint16_t)(draw(2) ? 80 : 81);
	if (proto == PROTO_ICMP)
		far = port;
	return (struct nat_packet){.tuple = *ret_out ? tuple_make(proto, inside, port, remote, far)
						     : tuple_make(proto, remote, far, OUTSIDE + draw(3), port),
				   .tcp_flags = proto == PROTO_TCP ? flags[draw(7)] : 0,
				   .ip_bytes = 40};
}

static void assert_same(const struct nat_answer *x, const struct nat_answer *y)
{
	ck_assert_int_eq(x->reason, y->reason);
	ck_assert_uint_eq(x->addr.raw, y->addr.raw);
	ck_assert_uint_eq(x->port.raw, y->port.raw);
	ck_assert_int_eq(x->created, y->created);
}

static struct nat *made(const struct nat_rules *rules, uint32_t block_ports)
{
	struct nat *nat = nat_of(*rules);
	if (block_ports > 0)
		nat_blocks_by_source(nat, block_ports);
	nat_reserve(nat, 5003);
	ck_assert_int_eq(block_ports > 0 ? 0 : nat_resize(nat, &(struct nat_blocks){.n_owners = 1}, seconds(0)), 0);
	return nat;
}

/* Three of a kind: one does at once, one is asked first and then does, one has its timers run first. */
static void scenario(uint64_t seed)
{
	drawn = seed << 32;
	const struct nat_rules rules = any_rules();
	uint32_t block_ports = draw(3) == 0 ? 1 + draw(8) : 0;
	struct nat *at_once = made(&rules, block_ports), *asked = made(&rules, block_ports),
		   *timely = made(&rules, block_ports);
	struct instant now = seconds(0);
	for (uint32_t step = 0; step < 200; step++) {
		bool out;
		struct nat_packet packet = any_packet(&out);
		/* Often at the instant at which something ends, or a nanosecond before it. */
		struct instant due = nat_expiry(timely);
		if (draw(3) == 0 && !instant_is_never(due) && instant_before(now, due))
			now = (struct instant){due.ns - (draw(2) && due.ns > now.ns)};
		else
			now = instant_add(now, draw(8) * S / 2);
		struct nat_answer answer, decided, again, on_time;
		decide_one(asked, &packet, now, out, &decided);
		ck_assert_int_eq(nat_handle(timely, now), 0);
		decide_one(timely, &packet, now, out, &on_time);
		ck_assert_int_eq(out ? nat_outbound(at_once, &packet, now, &answer)
				     : nat_inbound(at_once, &packet, now, &answer),
				 0);
		assert_same(&decided, &answer);
		assert_same(&on_time, &answer);
		again = decided;
		ck_assert_int_eq(nat_commit(asked, &packet, &again, now), 0);
		ck_assert_int_eq(nat_commit(timely, &packet, &on_time, now), 0);
		assert_same(&again, &answer);
		ck_assert_uint_eq(n_mappings(at_once), n_mappings(asked));
		ck_assert_uint_eq(n_mappings(at_once), n_mappings(timely));
	}
	nat_free(at_once);
	nat_free(asked);
	nat_free(timely);
}

START_TEST(asked_is_what_the_packet_gets)
{
	for (uint64_t seed = 1; seed <= 500; seed++)
		scenario(seed);
}
END_TEST

/* No mapping outlives the time that is said of it, and none ends before it: whatever happened to it. */
struct watch {
	struct nat *nat;
	struct instant last;
};

static void ended(void *context, const struct nat_mapping *mapping, const struct nat_acks *acks, enum nat_end why,
		  struct instant at)
{
	struct watch *watch = context;
	(void)acks;
	if (why == NAT_END_IDLE || why == NAT_END_CLOSED || (why == NAT_END_RESET && at.ns != watch->last.ns))
		ck_assert_int_eq(at.ns, nat_mapping_ends(watch->nat, mapping).ns);
}

static void is_in_time(void *context, const struct nat_mapping *mapping)
{
	const struct watch *watch = context;
	ck_assert(instant_before(watch->last, nat_mapping_ends(watch->nat, mapping)));
	ck_assert(!instant_before(nat_mapping_ends(watch->nat, mapping), nat_expiry(watch->nat)));
}

START_TEST(no_timer_is_too_late)
{
	for (uint64_t seed = 1; seed <= 1000; seed++) {
		drawn = seed << 32 | 1u << 31;
		const struct nat_rules rules = any_rules();
		struct watch watch = {.nat = made(&rules, 0)};
		nat_observe(watch.nat, ended, &watch);
		for (uint32_t step = 0; step < 200; step++) {
			bool out;
			struct nat_packet packet = any_packet(&out);
			struct nat_answer answer;
			watch.last = instant_add(watch.last, draw(8) * S / 2);
			ck_assert_int_eq(nat_handle(watch.nat, watch.last), 0);
			ck_assert_int_eq(out ? nat_outbound(watch.nat, &packet, watch.last, &answer)
					     : nat_inbound(watch.nat, &packet, watch.last, &answer),
					 0);
			ck_assert_int_eq(nat_each(watch.nat, is_in_time, &watch), 0);
		}
		nat_free(watch.nat);
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("rule/nat_decide", &tc);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, asked_is_what_the_packet_gets);
	tcase_add_test(tc, no_timer_is_too_late);
	return suite_run(suite);
}

/* Which ports are taken, as bits (rule/nat_taken.c), against the table: where there are bits they say what the table says, and
 * a search with them finds the port that one without them does. By chance, over what makes and ends mappings. */
#include "base/random.h"
#include "nat_kit.h"
#include "rule/nat_internal.h"

#define N_OWNERS 3u
#define N_DESTINATIONS 100u /* more than have bits */
#define N_STEPS 1500u
#define MOST_PORT 1151u

static uint64_t chance;
static uint32_t n_bits; /* destinations that were found to have bits */

static uint32_t draw(uint32_t below)
{
	return random_below(random_mix(++chance), below);
}

static struct tuple towards(uint32_t destination, uint8_t proto)
{
	return tuple_make(proto, INSIDE, 5000, REMOTE + destination % 25, (uint16_t)(80 + destination / 25));
}

/* By port, the mappings that the address has towards the destination. */
static void count_in_table(const struct nat *nat, uint32_t address, const struct tuple *inside, uint32_t *ret_n)
{
	enum nat_depends depends = nat_mapping_depends(nat, inside->proto);
	for (uint32_t i = 0; nat->by_outside.slots && i <= nat->by_outside.mask; i++) {
		if (nat->by_outside.slots[i].index == POOL_NONE)
			continue;
		const struct nat_mapping *m = nat_mapping_at(nat, nat->by_outside.slots[i].index);
		ret_n[m->outside_port] +=
			m->address == address && m->inside.proto == inside->proto &&
			(depends == NAT_ON_ENDPOINT || be32_equal(m->inside.dst, inside->dst)) &&
			(depends != NAT_ON_ADDRESS_AND_PORT || be16_equal(m->inside.dst_port, inside->dst_port));
	}
}

static void assert_as_table(const struct nat *nat, const struct tuple *inside)
{
	for (uint32_t address = 0; address < nat->rules.n_addresses; address++) {
		const uint64_t *bits = nat_taken_bits(nat, address, inside);
		uint32_t n[MOST_PORT + 1] = {0};
		bool agree = true;
		if (!bits)
			continue;
		n_bits++;
		count_in_table(nat, address, inside, n);
		for (uint32_t port = nat->rules.port_first; port <= nat->rules.port_last; port++) {
			bool is_taken = (bits[port / 64] >> port % 64 & 1) != 0;
			/* Of two the one that has ended may have taken the bit with it: then the table is asked. */
			agree = agree && (is_taken ? n[port] > 0 : n[port] != 1);
		}
		ck_assert(agree);
	}
}

static void assert_same_search(struct nat *nat, const struct nat_packet *packet, struct instant now)
{
	struct nat_takens *takens = nat->takens;
	struct nat_answer with, without;
	nat_decide_outbound(nat, packet, now, &with);
	nat->takens = NULL;
	nat_decide_outbound(nat, packet, now, &without);
	nat->takens = takens;
	ck_assert_int_eq(with.reason, without.reason);
	ck_assert_uint_eq(with.addr.raw, without.addr.raw);
	ck_assert_uint_eq(with.port.raw, without.port.raw);
}

static void send(struct nat *nat, struct instant now)
{
	static const uint8_t flags[] = {TCP_SYN, TCP_SYN, TCP_SYN, TCP_SYN, TCP_ACK | TCP_FIN, TCP_RST};
	struct nat_packet packet = {.tuple = towards(draw(N_DESTINATIONS), draw(4) == 0 ? PROTO_UDP : PROTO_TCP),
				    .owner = draw(N_OWNERS),
				    .ip_bytes = 40};
	packet.tuple.src = be32_from(INSIDE + packet.owner);
	packet.tuple.src_port = be16_from((uint16_t)(5000 + draw(80)));
	packet.tcp_flags = packet.tuple.proto == PROTO_TCP ? flags[draw(sizeof flags)] : 0;
	struct nat_answer answer;
	assert_same_search(nat, &packet, now);
	ck_assert_int_eq(nat_outbound(nat, &packet, now, &answer), 0);
	assert_as_table(nat, &packet.tuple);
}

/* What ends many mappings at once. */
static void end_many(struct nat *nat, struct instant now)
{
	const be32 inside = be32_from(INSIDE + draw(N_OWNERS)),
		   address = be32_from(draw(2) == 0 ? OUTSIDE : OUTSIDE + 1000);
	size_t n;
	switch (draw(nat->rules.n_addresses == 1 ? 4 : 3)) {
	case 0:
		ck_assert_int_eq(nat_forget(nat, &inside, now, &n), 0);
		break;
	case 1:
		ck_assert_int_eq(nat_forget(nat, NULL, now, &n), 0);
		break;
	case 2:
		ck_assert_int_eq(nat_end_owner(nat, draw(N_OWNERS), now), 0);
		break;
	default:
		ck_assert_int_eq(nat_readdress(nat, address, now), 0);
	}
}

static void run(struct nat_rules rules)
{
	struct nat *nat = nat_of(rules);
	const struct nat_blocks shared = {.n_owners = N_OWNERS};
	ck_assert_int_eq(nat_resize(nat, &shared, INSTANT_ZERO), 0);
	int64_t now_ns = 0;
	for (uint32_t step = 0; step < N_STEPS; step++) {
		now_ns += (int64_t)draw(200) * NS_PER_MS;
		if (draw(3) == 0)
			ck_assert_int_eq(nat_handle(nat, (struct instant){now_ns}), 0);
		if (draw(400) == 0)
			end_many(nat, (struct instant){now_ns});
		send(nat, (struct instant){now_ns});
		if (step % 500 == 0)
			for (uint32_t i = 0; i < N_DESTINATIONS; i++) {
				const struct tuple tcp = towards(i, PROTO_TCP), udp = towards(i, PROTO_UDP);
				assert_as_table(nat, &tcp);
				assert_as_table(nat, &udp);
			}
	}
	nat_free(nat);
}

static struct nat_rules rules_number(int i)
{
	struct nat_rules rules = symmetric_rules();
	rules.port_last = i & 1 ? MOST_PORT : 1044;
	rules.allocation = i & 2 ? NAT_ALLOCATES_PRESERVE : NAT_ALLOCATES_SEQUENTIAL;
	rules.n_addresses = i & 4 ? 2 : 1;
	if (i & 8)
		rules.mapping = rules.udp_mapping = NAT_ON_ADDRESS;
	if (i & 16)
		rules.hold = (struct nat_hold){.fin_ns = 5 * S,
					       .has_fin = true,
					       .rst_ns = 3 * S,
					       .has_rst = true,
					       .udp_ns = 4 * S,
					       .has_udp = true};
	if (i & 32)
		rules.reuse = NAT_REUSE_WHEN_EXHAUSTED;
	return rules;
}
#define N_RULES 64

START_TEST(bits_say_what_the_table_says)
{
	n_bits = 0;
	run(rules_number(_i));
	ck_assert_uint_gt(n_bits, N_STEPS / 10); /* otherwise this says nothing */
}
END_TEST

/* One owner searches its own ports: nothing is to be passed over. */
START_TEST(none_where_one_owner_has_all)
{
	struct nat *nat = nat_of(symmetric_rules());
	const struct tuple inside = towards(0, PROTO_TCP);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5000, REMOTE, 80, 0), 1024);
	ck_assert_ptr_null(nat_taken_bits(nat, 0, &inside));
	nat_free(nat);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("rule/nat_taken", &tc);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, bits_say_what_the_table_says, 0, getenv("PKTPATH_PROPERTY_COUNT") ? 16 : N_RULES);
	tcase_add_test(tc, none_where_one_owner_has_all);
	return suite_run(suite);
}

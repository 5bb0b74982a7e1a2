/* The tables of a NAT against a plain list: after any sequence of beginnings and ends each packet finds its own
 * mapping, and no other. */
#include "base/random.h"
#include "nat_kit.h"

#define MOST 6000u

static struct {
	bool live;
	uint16_t port;
	struct tuple inside;
} model[MOST];

/* 10 hosts, some ports, 5 destinations: so that keys share all parts but one. */
static struct tuple tuple_number(uint32_t i)
{
	return tuple_make(i % 3 == 0   ? PROTO_UDP
			  : i % 3 == 1 ? PROTO_TCP
				       : PROTO_ICMP,
			  INSIDE + i / 3 % 10, (uint16_t)(2000 + i / 150), REMOTE + i / 30 % 5,
			  i % 3 == 2 ? (uint16_t)(2000 + i / 150) : 80);
}

static void forget(void *context, const struct nat_mapping *mapping, const struct nat_acks *acks, enum nat_end why,
		   struct instant at)
{
	(void)context;
	(void)acks;
	(void)why;
	(void)at;
	for (size_t i = 0; i < MOST; i++)
		if (model[i].live && tuple_equal(&model[i].inside, &mapping->inside)) {
			ck_assert_uint_eq(model[i].port, mapping->outside_port);
			model[i].live = false;
			return;
		}
	ck_abort_msg("a mapping ended that nothing had");
}

static void assert_answers(struct nat *nat, uint32_t i, int64_t at_s)
{
	const struct tuple *t = &model[i].inside;
	uint16_t from = t->proto == PROTO_ICMP ? model[i].port : be16_to(t->dst_port);
	struct tuple reply = tuple_make(t->proto, be32_to(t->dst), from, OUTSIDE, model[i].port);
	struct nat_answer answer = ask(nat, false, 0, reply, t->proto == PROTO_TCP ? TCP_ACK : 0, at_s);
	ck_assert_int_eq(answer.reason, REASON_NONE);
	ck_assert_uint_eq(answer.addr.raw, t->src.raw);
	ck_assert_uint_eq(answer.port.raw, t->src_port.raw);
}

static void run(struct nat_rules rules)
{
	rules.tcp_idle_ns = rules.udp_idle_ns = rules.udp_stream_ns = rules.icmp_idle_ns = 50 * S;
	struct nat *nat = nat_of(rules);
	nat_observe(nat, forget, NULL);
	for (uint32_t i = 0; i < MOST; i++)
		model[i].live = false;
	for (uint64_t step = 0; step < 40000; step++) {
		int64_t now_s = (int64_t)step / 100;
		uint32_t i = random_below(random_mix(step), MOST);
		if (step % 100 == 0)
			ck_assert_int_eq(nat_handle(nat, seconds(now_s)), 0);
		struct tuple tuple = tuple_number(i);
		struct nat_answer answer = ask(nat, true, 0, tuple, tuple.proto == PROTO_TCP ? TCP_SYN : 0, now_s);
		ck_assert_int_eq(answer.reason, REASON_NONE);
		ck_assert_int_eq(answer.created, !model[i].live);
		if (model[i].live)
			ck_assert_uint_eq(be16_to(answer.port), model[i].port);
		model[i].live = true;
		model[i].port = be16_to(answer.port);
		model[i].inside = tuple;
		/* Someone else's answer, now and then. */
		uint32_t other = random_below(random_mix(~step), MOST);
		if (model[other].live)
			assert_answers(nat, other, now_s);
	}
	uint64_t n_live = 0;
	for (uint32_t i = 0; i < MOST; i++)
		n_live += model[i].live;
	ck_assert_uint_eq(n_mappings(nat), n_live);
	ck_assert_uint_gt(n_live, 2000);
	ck_assert_int_eq(nat_handle(nat, seconds(100000)), 0);
	ck_assert_uint_eq(n_mappings(nat), 0);
	for (uint32_t i = 0; i < MOST; i++)
		ck_assert(!model[i].live);
	nat_free(nat);
}

START_TEST(symmetric_with_reuse)
{
	run(symmetric_rules());
}
END_TEST

START_TEST(symmetric_without_reuse)
{
	struct nat_rules rules = symmetric_rules();
	rules.reuse = NAT_REUSE_NEVER;
	rules.allocation = NAT_ALLOCATES_RANDOM;
	run(rules);
}
END_TEST

/* An endpoint-independent mapping has many outsiders: they are forgotten with it. */
START_TEST(permitted_outsiders_end_with_their_mapping)
{
	struct nat_rules rules = plain_rules();
	rules.filtering = NAT_ON_ADDRESS_AND_PORT;
	struct nat *nat = nat_of(rules);
	for (int64_t round = 0; round < 20; round++) {
		int64_t now_s = round * 1000;
		for (uint16_t i = 0; i < 500; i++)
			ck_assert_uint_eq(out(nat, PROTO_UDP, 5000, REMOTE + i, (uint16_t)(100 + round), now_s), 1024);
		for (uint16_t i = 0; i < 500; i++)
			ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE + i, (uint16_t)(100 + round), 1024, now_s).reason,
					 REASON_NONE);
		ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE, (uint16_t)(99 + round), 1024, now_s).reason,
				 REASON_FILTERED); /* of the round before */
		ck_assert_int_eq(nat_end_owner(nat, 0, seconds(now_s + 1)), 0);
	}
	nat_free(nat);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("rule/nat_table", &tc);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, symmetric_with_reuse);
	tcase_add_test(tc, symmetric_without_reuse);
	tcase_add_test(tc, permitted_outsiders_end_with_their_mapping);
	return suite_run(suite);
}

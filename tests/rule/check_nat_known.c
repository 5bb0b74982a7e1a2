/* The usual segment at once (rule/nat_known.c) against the long way: two NATs of the same rules see the same packets by
 * chance, one asks and commits each, the other takes what is known. Their answers and mappings stay the same. */
#include "base/random.h"
#include "nat_kit.h"
#include <string.h>

#define N_CONNECTIONS 40u
#define N_STEPS 4000u

static struct {
	struct tuple inside;
	uint16_t port;     /* outside; 0: it has none yet */
	uint32_t hints[2]; /* of either NAT */
} connections[N_CONNECTIONS];

static uint64_t chance, n_known;

static uint32_t draw(uint32_t below)
{
	return random_below(random_mix(++chance), below);
}

static uint8_t draw_flags(void)
{
	static const uint8_t flags[] = {TCP_SYN,           TCP_SYN | TCP_ACK, TCP_ACK, TCP_ACK, TCP_ACK,
					TCP_ACK | TCP_PSH, TCP_ACK | TCP_FIN, TCP_RST, TCP_ACK, TCP_ACK};
	return flags[draw(sizeof flags)];
}

/* The long way, or the short one where there is one. */
static struct nat_answer send(struct nat *nat, bool shorter, bool out, const struct nat_packet *packet,
			      struct instant now)
{
	struct nat_answer answer = {.inbound = !out};
	const struct nat_mapping *m = NULL;
	if (shorter)
		m = out ? nat_known_out(nat, packet->hint, &packet->tuple, now)
			: nat_known_in(nat, packet->hint, &packet->tuple, now);
	if (m && !nat_known_changes(m, !out, packet->tcp_flags)) {
		answer.addr = out ? nat_outside_address(nat, m) : m->inside.src;
		answer.port = out ? be16_from(m->outside_port) : m->inside.src_port;
		answer.mapping = packet->hint;
		nat_known_use(nat, packet->hint, packet->ip_bytes, now);
		n_known++;
	} else {
		ck_assert_int_eq(out ? nat_outbound(nat, packet, now, &answer) : nat_inbound(nat, packet, now, &answer),
				 0);
	}
	return answer;
}

struct seen {
	struct nat_mapping mappings[4 * N_CONNECTIONS];
	size_t n;
};

static void see(void *context, const struct nat_mapping *mapping)
{
	struct seen *seen = context;
	ck_assert_uint_lt(seen->n, sizeof seen->mappings / sizeof *seen->mappings);
	seen->mappings[seen->n++] = *mapping;
}

static void assert_same(const struct nat *a, const struct nat *b)
{
	static struct seen of_a, of_b;
	of_a.n = of_b.n = 0;
	ck_assert_int_eq(nat_each(a, see, &of_a), 0);
	ck_assert_int_eq(nat_each(b, see, &of_b), 0);
	ck_assert_uint_eq(of_a.n, of_b.n);
	for (size_t i = 0; i < of_a.n; i++) {
		const struct nat_mapping *x = &of_a.mappings[i], *y = &of_b.mappings[i];
		ck_assert(tuple_equal(&x->inside, &y->inside));
		ck_assert_uint_eq(x->outside_port, y->outside_port);
		ck_assert_uint_eq(x->state, y->state);
		ck_assert_uint_eq(x->packets, y->packets);
		ck_assert_uint_eq(x->bytes, y->bytes);
		ck_assert_int_eq(x->last_used.ns, y->last_used.ns);
		ck_assert_int_eq(x->armed.ns, y->armed.ns);
	}
	ck_assert_int_eq(nat_expiry(a).ns, nat_expiry(b).ns);
}

static void run(struct nat_rules rules)
{
	struct nat *nats[2] = {nat_of(rules), nat_of(rules)};
	int64_t now_ns = 0;
	for (uint32_t i = 0; i < N_CONNECTIONS; i++) {
		memset(&connections[i], 0, sizeof connections[i]);
		connections[i].inside =
			tuple_make(PROTO_TCP, INSIDE + i % 3, (uint16_t)(5000 + i / 6), REMOTE + i % 2, 443);
	}
	for (uint32_t step = 0; step < N_STEPS; step++) {
		uint32_t i = draw(N_CONNECTIONS);
		bool out = connections[i].port == 0 || draw(2) == 0;
		struct nat_packet packet = {
			.tuple = connections[i].inside, .tcp_flags = draw_flags(), .ip_bytes = 40 + draw(1000)};
		if (!out)
			packet.tuple = tuple_make(PROTO_TCP, be32_to(connections[i].inside.dst), 443, OUTSIDE,
						  connections[i].port);
		now_ns += draw(100) == 0 ? (int64_t)draw(30) * S : (int64_t)draw(1000) * NS_PER_MS;
		struct nat_answer answers[2];
		for (int k = 0; k < 2; k++) {
			packet.hint = connections[i].hints[k];
			answers[k] = send(nats[k], k == 1, out, &packet, (struct instant){now_ns});
			if (answers[k].mapping != 0)
				connections[i].hints[k] = answers[k].mapping;
		}
		ck_assert_int_eq(answers[0].reason, answers[1].reason);
		ck_assert_uint_eq(answers[0].addr.raw, answers[1].addr.raw);
		ck_assert_uint_eq(answers[0].port.raw, answers[1].port.raw);
		if (out && answers[0].reason == REASON_NONE && !answers[0].untranslated)
			connections[i].port = be16_to(answers[0].port);
		if (step % 16 == 0)
			assert_same(nats[0], nats[1]);
	}
	nat_free(nats[0]);
	nat_free(nats[1]);
}

static struct nat_rules rules_number(int i)
{
	struct nat_rules rules = i % 2 ? symmetric_rules() : plain_rules();
	rules.closing_is_idle = (i & 2) != 0;
	rules.doubts_resets = (i & 4) != 0;
	rules.forgets_refused = (i & 8) != 0;
	rules.filtering = (enum nat_depends)(i % 3);
	if (i & 16)
		rules.hold = (struct nat_hold){.fin_ns = 5 * S, .has_fin = true};
	if (i & 32)
		rules.limits.per_destination = 30;
	rules.reset_on_idle = (i & 64) != 0;
	return rules;
}
#define N_RULES 128

START_TEST(short_and_long_way_are_one)
{
	int step = getenv("PKTPATH_PROPERTY_COUNT") ? 112 : 16; /* fewer, with each of their bits */
	for (int i = _i; i < N_RULES; i += step)
		run(rules_number(i));
}
END_TEST

/* Otherwise the test above says nothing. */
START_TEST(most_of_a_connection_is_known)
{
	n_known = 0;
	run(symmetric_rules());
	ck_assert_uint_gt(n_known, N_STEPS / 10);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("rule/nat_known", &tc);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, short_and_long_way_are_one, 0, 16);
	tcase_add_test(tc, most_of_a_connection_is_known);
	return suite_run(suite);
}

/* At each event of a NAT, and a nanosecond before it, all who are asked agree: the lines of nat.csv, the table at that
 * instant (`pktpath nat --at`), the metrics, and what packets meet.
 *
 * DOC: a scenario made by chance has one site whose NAT has short timers of all kinds and few ports. It runs once, to
 * note when mappings were made and ended and what became of each packet at the NAT; and again, stopped at each of
 * these instants and just before it, where the table is compared with what the first run says of that instant.
 * PKTPATH_PROPERTY_FIRST and PKTPATH_PROPERTY_COUNT choose the seeds. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/random.h"
#include "net/header.h"
#include "network/world.h"
#include "scenario/load.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PER_TEST 50u
#define N_TESTS 21 /* 1,050 scenarios */
#define MOST 4096u
#define OUTSIDE_ADDR UINT32_C(0xc6336401)

struct line {
	struct world_mapping m;
	struct instant until; /* of its life; NEVER */
};
struct met { /* a packet at the NAT */
	struct instant at;
	bool translated, outbound;
	struct tuple inside; /* as the inside host has it, where it was translated */
	uint16_t outside_port;
	enum reason reason;
	struct tuple before;
};
struct noted {
	struct line lines[MOST];
	size_t n_lines;
	struct met met[MOST];
	size_t n_met;
	uint32_t node;
	bool keeps; /* the second run looks on */
};

static uint64_t drawn, seed_now;

static uint32_t draw(uint32_t below)
{
	return random_below(random_join(seed_now, ++drawn), below);
}

#define PICK(...)                                                                                                      \
	((const char *const[]){__VA_ARGS__})[draw(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))]

static void put_nat(struct buf *out)
{
	static const char *const timers[] = {"tcp_idle", "tcp_transitory", "tcp_reset", "udp_idle", "icmp_idle"};
	buf_printf(out, "nat: {profile: %s, address: 198.51.100.1, port_range: \"3000-%u\"",
		   PICK("home", "linux", "azure"), 3000 + draw(4));
	for (size_t i = 0; i < sizeof timers / sizeof *timers; i++)
		if (draw(5) != 0)
			buf_printf(out, ", %s: %ums", timers[i], 200 + draw(60) * 100);
	buf_printf(out, ", mapping: %s, filtering: %s, reuse: %s, icmp: translate",
		   PICK("endpoint-independent", "address-dependent", "address-and-port-dependent"),
		   PICK("endpoint-independent", "address-dependent", "address-and-port-dependent"),
		   PICK("never", "per-destination"));
	buf_puts(out, "}");
}

static char *scenario(void)
{
	struct buf out = {0};
	uint32_t n = 4 + draw(8);
	buf_puts(&out, "scenario: 1\nstop: 40s\nnetwork:\n  links: {internet: {loss: 0.0");
	buf_printf(&out, "%u}}\n  sites: {lan: {prefixes: [192.168.1.0/24], ", draw(10));
	put_nat(&out);
	buf_puts(&out, "}}\n  hosts:\n");
	for (uint32_t i = 0; i < 3; i++)
		buf_printf(&out, "    in-%u: {site: lan, ip: 192.168.1.1%u, listen: [80/tcp, 53/udp]}\n", i, i);
	for (uint32_t i = 0; i < 2; i++)
		buf_printf(&out, "    out-%u: {internet: true, ip: 203.0.113.1%u, listen: [80/tcp, 53/udp]}\n", i, i);
	buf_puts(&out, "flows:\n");
	for (uint32_t i = 0; i < n; i++) {
		const char *what = PICK("80/tcp", "80/tcp", "53/udp", "icmp", "81/tcp");
		if (draw(6) == 0) { /* from outside, at some port of the NAT */
			buf_printf(&out, "  f%u: {from: out-%u, to: \"198.51.100.1:%u/%s\", at: %ums}\n", i, draw(2),
				   3000 + draw(4), draw(2) ? "tcp" : "udp", draw(20000));
			continue;
		}
		buf_printf(&out, "  f%u: {from: in-%u, to: \"out-%u%s%s\", at: %ums, rounds: %u, pause: %ums", i,
			   draw(3), draw(2), what[0] == 'i' ? "/" : ":", what, draw(20000), 1 + draw(4),
			   1 + draw(60) * 100);
		if (strcmp(what, "80/tcp") == 0)
			buf_printf(&out, ", then: %s", PICK("close", "hold", "reset"));
		buf_printf(&out, ", repeat: {count: %u, every: %ums}}\n", 1 + draw(4), 50 + draw(3000));
	}
	char *text = strdup(buf_text(&out));
	buf_free(&out);
	ck_assert_ptr_nonnull(text);
	return text;
}

static int note_mapping(void *context, const struct world_mapping *mapping)
{
	struct noted *noted = context;
	ck_assert_uint_lt(noted->n_lines, MOST);
	noted->lines[noted->n_lines++] = (struct line){*mapping, mapping->ended};
	noted->node = mapping->node;
	return 0;
}

static int note_step(void *context, const struct step *step)
{
	struct noted *noted = context;
	bool outbound = be32_to(step->before.src) >> 8 == 0xc0a801;
	if (strcmp(step->verdict.by ? step->verdict.by : "", "lan/nat") != 0)
		return 0;
	if (step->before.proto == PROTO_ICMP && step->before.src_port.raw == 0 && step->before.dst_port.raw == 0)
		return 0; /* an error: it uses no mapping */
	ck_assert_uint_lt(noted->n_met, MOST);
	struct met *met = &noted->met[noted->n_met++];
	*met = (struct met){.at = step->at,
			    .translated = step->kind == STEP_TRANSLATE,
			    .outbound = outbound,
			    .reason = step->kind == STEP_DROP ? step->verdict.reason : REASON_NONE,
			    .before = step->before};
	met->inside = outbound ? step->before : tuple_reverse(step->after);
	met->outside_port = be16_to(outbound ? step->after.src_port : step->before.dst_port);
	return 0;
}

struct loaded {
	struct arena *arena;
	struct diag_list diags;
	struct model *model;
	struct world *world;
};

static void begin(struct loaded *run, const char *text, struct noted *noted)
{
	*run = (struct loaded){.arena = arena_new()};
	diag_init(&run->diags, run->arena);
	ck_assert_int_eq(
		scenario_load_text(run->arena, "times.yaml", text, strlen(text), NULL, 0, &run->diags, &run->model), 0);
	ck_assert_msg(run->model, "seed %llu: %s\n%s", (unsigned long long)seed_now,
		      run->diags.n ? run->diags.items[0].message : "", text);
	ck_assert_int_eq(world_new(run->model, seed_now, &run->world), 0);
	world_observe_nat(run->world, note_mapping, noted);
	if (!noted->keeps)
		ck_assert_int_eq(trail_observe(world_trail(run->world),
					       (struct trail_observer){.wants = 1u << STEP_TRANSLATE | 1u << STEP_DROP,
								       .step = note_step,
								       .context = noted}),
				 0);
}

static void finish(struct loaded *run)
{
	world_free(run->world);
	diag_deinit(&run->diags);
	arena_free(run->arena);
}

static bool same_mapping(const struct world_mapping *a, const struct world_mapping *b)
{
	return tuple_equal(&a->inside, &b->inside) && a->outside_port == b->outside_port &&
	       a->created.ns == b->created.ns;
}

static bool lives(const struct line *line, struct instant at)
{
	return !instant_before(at, line->m.created) && instant_before(at, line->until);
}

/* The table of the second run, as it is now, against the lines of the first. */
static void compare_at(const struct noted *first, struct noted *second, struct world *world, struct instant at,
		       const char *text)
{
	size_t expected = 0, n_ports = 0;
	struct world_nat_metrics metrics;
	second->n_lines = 0;
	ck_assert_int_eq(world_nat_flush(world), 0);
	for (size_t i = 0; i < first->n_lines; i++) {
		bool found = false;
		if (!lives(&first->lines[i], at))
			continue;
		expected++;
		for (size_t k = 0; k < second->n_lines; k++)
			found |= same_mapping(&first->lines[i].m, &second->lines[k].m);
		ck_assert_msg(found, "seed %llu: a mapping of port %u is not in the table at %lld ns\n%s",
			      (unsigned long long)seed_now, first->lines[i].m.outside_port, (long long)at.ns, text);
	}
	for (size_t k = 0; k < second->n_lines; k++) {
		bool is_new = true;
		ck_assert_msg(instant_before(at, second->lines[k].m.ends), "seed %llu: it should be over at %lld\n%s",
			      (unsigned long long)seed_now, (long long)at.ns, text);
		for (size_t i = 0; i < k; i++)
			is_new &= second->lines[i].m.outside_port != second->lines[k].m.outside_port ||
				  second->lines[i].m.inside.proto != second->lines[k].m.inside.proto;
		n_ports += is_new;
	}
	ck_assert_msg(second->n_lines == expected, "seed %llu: %zu in the table at %lld ns, %zu by nat.csv\n%s",
		      (unsigned long long)seed_now, second->n_lines, (long long)at.ns, expected, text);
	world_nat_metrics(world, first->node, NONE, &metrics);
	ck_assert_uint_eq(metrics.mappings, expected);
	ck_assert_uint_eq(metrics.ports_in_use, n_ports);
}

/* What was translated had a mapping then, by its lines; what had none was not let through. */
static void compare_packets(const struct noted *first, const char *text)
{
	for (size_t p = 0; p < first->n_met; p++) {
		const struct met *met = &first->met[p];
		bool has = false;
		for (size_t i = 0; i < first->n_lines; i++) {
			const struct line *line = &first->lines[i];
			bool at_all =
				!instant_before(met->at, line->m.created) && !instant_before(line->until, met->at);
			bool ended_by_it = line->until.ns == met->at.ns;
			if (met->translated)
				has |= at_all && (lives(line, met->at) || ended_by_it) &&
				       line->m.inside.proto == met->inside.proto &&
				       be32_equal(line->m.inside.src, met->inside.src) &&
				       be16_equal(line->m.inside.src_port, met->inside.src_port) &&
				       line->m.outside_port == met->outside_port;
			else if (met->reason == REASON_NO_MAPPING && met->outbound &&
				 be32_to(met->before.src) != OUTSIDE_ADDR)
				ck_assert_msg(!lives(line, met->at) || !tuple_equal(&line->m.inside, &met->before) ||
						      line->m.created.ns == met->at.ns,
					      "seed %llu: no-mapping at %lld ns in spite of one\n%s",
					      (unsigned long long)seed_now, (long long)met->at.ns, text);
		}
		ck_assert_msg(!met->translated || has, "seed %llu: translated at %lld ns by no line of nat.csv\n%s",
			      (unsigned long long)seed_now, (long long)met->at.ns, text);
	}
}

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static size_t one_scenario(uint64_t seed)
{
	seed_now = seed;
	drawn = 0;
	char *text = scenario();
	struct noted *first = calloc(1, sizeof *first), *second = calloc(1, sizeof *second);
	struct loaded run;
	begin(&run, text, first);
	ck_assert_int_ge(world_run(run.world, (struct instant){60 * NS_PER_S}, UINT64_MAX), 0);
	ck_assert_int_eq(world_nat_flush(run.world), 0);
	struct instant end = world_now(run.world);
	compare_packets(first, text);
	finish(&run);

	int64_t *times = calloc(2 * first->n_lines + first->n_met + 1, sizeof *times);
	size_t n = 0;
	for (size_t i = 0; i < first->n_lines; i++) {
		times[n++] = first->lines[i].m.created.ns;
		if (!instant_is_never(first->lines[i].until))
			times[n++] = first->lines[i].until.ns;
	}
	for (size_t i = 0; i < first->n_met; i++)
		times[n++] = first->met[i].at.ns;
	qsort(times, n, sizeof *times, compare_times);
	second->keeps = true;
	begin(&run, text, second);
	for (size_t i = 0; i < n; i++) {
		if (times[i] == 0 || times[i] > end.ns || (i > 0 && times[i] == times[i - 1]))
			continue;
		for (int64_t at = times[i] - 1; at <= times[i]; at++) {
			ck_assert_int_ge(world_run(run.world, (struct instant){at}, UINT64_MAX), 0);
			compare_at(first, second, run.world, (struct instant){at}, text);
		}
	}
	finish(&run);
	size_t n_lines = first->n_lines;
	free(times);
	free(first);
	free(second);
	free(text);
	return n_lines;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *given = getenv(name);
	return given ? strtoull(given, NULL, 10) : otherwise;
}

START_TEST(all_agree_at_each_event_and_just_before)
{
	uint64_t first = number_of("PKTPATH_PROPERTY_FIRST", 1) + (uint64_t)_i * PER_TEST;
	size_t n_lines = 0;
	for (uint64_t seed = first; seed < first + number_of("PKTPATH_PROPERTY_COUNT", PER_TEST); seed++)
		n_lines += one_scenario(seed);
	ck_assert_uint_gt(n_lines, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("property/nat_times");
	TCase *tc = tcase_create("generated scenarios");
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, all_agree_at_each_event_and_just_before, 0, N_TESTS);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}

#include "judging.h"
#include "net/header.h"
#include <check.h>
#include <errno.h>
#include <string.h>

static const char network[] =
	"scenario: 1\n"
	"network:\n"
	"  vnets: {contoso: {space: [10.0.0.0/16], subnets: {one: {cidr: 10.0.1.0/26}, data: {cidr: 10.0.2.0/24}}}}\n"
	"  ases: {one: {subnet: contoso/one, vip: 192.23.1.2, front_ends: 1, snat: {ports_per_worker: 4}, apps: {web: "
	"{on: [worker-0]}}}}\n"
	"  sites: {home: {prefixes: [192.168.1.0/24], nat: {profile: home, address: 203.0.113.50}}}\n"
	"  hosts:\n"
	"    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp], dns: api.example.net}\n"
	"    other: {internet: true, ip: 203.0.113.11, listen: [8080/tcp]}\n"
	"    idle: {internet: true, ip: 203.0.113.12}\n"
	"    customer: {internet: true, ip: 198.51.100.7}\n"
	"    db: {subnet: contoso/data, ip: 10.0.2.10, listen: [1433/tcp]}\n"
	"    bulk: {subnet: contoso/data, ip: 10.0.2.11}\n"
	"    store: {region: region, service: storage, ip: 203.0.113.31, listen: [443/tcp]}\n"
	"flows:\n"
	"  call: {from: one/web, to: \"api:443/tcp\"}\n"
	"  inside: {from: one/web, to: \"db:1433/tcp\", at: 2s}\n"
	"  visit: {from: customer, to: \"one/web:80/tcp\", at: 3s}\n"
	"  refused: {from: one/web, to: \"api:81/tcp\", at: 4s}\n"
	"  many: {from: one/web, to: \"other:8080/tcp\", at: 10s, repeat: {count: 6, every: 10ms}, then: hold}\n"
	"  burst: {from: bulk, to: \"other:8080/tcp\", at: 20s, repeat: {count: 300, every: 0s}}\n";

enum filter_kind { FILTER_SYN, FILTER_FIN, FILTER_NONE };
struct test_filter {
	enum filter_kind kind;
};
static const struct test_filter filters[] = {{FILTER_SYN}, {FILTER_FIN}, {FILTER_NONE}};
static const char *const filter_words[] = {"syn", "fin", "none"};

static int compile(void *context, const char *expression, void **ret_filter)
{
	struct judging *judging = context;
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
		if (strcmp(expression, filter_words[i]) == 0) {
			judging->n_filters++;
			*ret_filter = (void *)(uintptr_t)&filters[i];
			return 0;
		}
	return strcmp(expression, "memory") == 0 ? -ENOMEM : 1;
}

static bool matches(void *context, const void *filter, const struct packet *packet)
{
	const struct test_filter *which = filter;
	(void)context;
	if (packet_ip_const(packet)->proto != PROTO_TCP || which->kind == FILTER_NONE)
		return false;
	const struct tcp_header *tcp = packet_l4_const(packet);
	return which->kind == FILTER_SYN ? tcp->flags == TCP_SYN : (tcp->flags & TCP_FIN) != 0;
}

static void release(void *context, void *filter)
{
	struct judging *judging = context;
	ck_assert_ptr_nonnull(filter);
	judging->n_filters--;
}

int judging_begin(struct judging *judging, const char *rest)
{
	struct arena *arena = arena_new();
	*judging = (struct judging){0};
	loading_text(&judging->loading, arena_printf(arena, "%s%s", network, rest));
	const struct diag_list *diags = &judging->loading.diags;
	if (diags->n_errors > 0)
		ck_abort_msg("%u:%u: %s", diags->items[0].place.line, diags->items[0].place.column,
			     diags->items[0].message);
	arena_free(arena);
	ck_assert_int_eq(world_new(judging->loading.model, 1, &judging->world), 0);
	struct judge_filters how = {judging, compile, matches, release};
	return judge_new(judging->loading.arena, judging->loading.model, judging->world, NULL, &how, &judging->judge);
}

void judging_run(struct judging *judging, const char *rest)
{
	ck_assert_int_eq(judging_begin(judging, rest), 0);
	const struct model *model = judging->loading.model;
	struct instant next = {-1};
	for (;;) {
		next = judge_next_sample(judging->judge, next);
		ck_assert_int_ge(world_run(judging->world, next, UINT64_MAX), 0);
		if (instant_is_never(next) || (model->has_stop && next.ns > model->stop_ns))
			break;
		ck_assert_int_eq(judge_sample(judging->judge, next), 0);
	}
	ck_assert_int_eq(world_run(judging->world, INSTANT_NEVER, UINT64_MAX), 1);
	ck_assert_int_eq(judge_finish(judging->judge, &judging->judgements, &judging->n), 0);
}

const struct judgement *judging_one(struct judging *judging, const char *expectation, const char *more)
{
	struct arena *arena = arena_new();
	judging_run(judging, arena_printf(arena, "%s\nexpect:\n  - %s\n", more, expectation));
	arena_free(arena);
	ck_assert_uint_ge(judging->n, 1);
	return &judging->judgements[0];
}

void judging_end(struct judging *judging)
{
	judging->judge = judge_free(judging->judge);
	judging->world = world_free(judging->world);
	ck_assert_int_eq(judging->n_filters, 0);
	loading_end(&judging->loading);
}

/* DOC: what a run comes to, as numbers by name: outcomes, shares, ports, latencies, expectations. Sweeps compare runs by
 * them. Everything is counted after the run but the ports in use, which are looked at 1,000 times at equal distances
 * between the start and the instant at which the last flow begins a connection: their percentiles are over that time,
 * not over the days in which NATs forget. A share keeps both its numbers, so that the shares of several runs can be
 * added up. */
#include "facade/facade.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define N_LOOKS 1000u

struct port_looks { /* of one NAT; of all of them together */
	const char *name;
	uint32_t node;
	uint32_t looks[N_LOOKS];
};

struct pp_meter {
	struct pp_run *run;
	struct arena *arena;
	int64_t window_ns;
	struct port_looks *nats; /* the first is their sum */
	size_t n_nats;
	uint32_t n_looks;
	pp_measure *items;
	size_t n, capacity;
	bool failed;
};

/* ---- while the run goes on ---- */

static int64_t look_at_ns(const struct pp_meter *meter, uint32_t look)
{
	return meter->window_ns / N_LOOKS * look + meter->window_ns % N_LOOKS * look / N_LOOKS;
}

static void look(struct pp_meter *meter)
{
	uint64_t sum = 0;
	for (size_t i = 1; i < meter->n_nats; i++) {
		struct world_nat_metrics metrics;
		world_nat_metrics(meter->run->world, meter->nats[i].node, NONE, &metrics);
		meter->nats[i].looks[meter->n_looks] = (uint32_t)metrics.ports_in_use;
		sum += metrics.ports_in_use;
	}
	meter->nats[0].looks[meter->n_looks++] = (uint32_t)sum;
}

static struct instant looked(void *context)
{
	struct pp_meter *meter = context;
	look(meter);
	return meter->n_looks < N_LOOKS ? (struct instant){look_at_ns(meter, meter->n_looks)} : INSTANT_NEVER;
}

int pp_meter_new(pp_run *run, pp_meter **ret)
{
	*ret = NULL;
	if (run->begun)
		return -EINVAL;
	struct arena *arena = arena_new();
	struct pp_meter *meter = arena ? arena_alloc(arena, sizeof *meter) : NULL;
	uint32_t n_nodes = world_n_nodes(run->world);
	size_t n_nats = 1;
	for (uint32_t i = 0; i < n_nodes; i++)
		n_nats += world_node_is_nat(run->world, i);
	struct port_looks *nats = meter ? arena_array(arena, n_nats, sizeof *nats) : NULL;
	if (!nats) {
		arena_free(arena);
		return -ENOMEM;
	}
	pp_summary summary;
	pp_run_summary(run, &summary);
	*meter = (struct pp_meter){
		.run = run,
		.arena = arena,
		.nats = nats,
		.n_nats = 1,
		.window_ns = summary.horizon_ns > 0 ? summary.horizon_ns : NS_PER_S,
	};
	for (uint32_t i = 0; i < n_nodes; i++)
		if (world_node_is_nat(run->world, i))
			nats[meter->n_nats++] = (struct port_looks){.name = world_node_name(run->world, i), .node = i};
	run->look = looked;
	run->look_context = meter;
	run->look_at = INSTANT_ZERO;
	*ret = meter;
	return 0;
}

void pp_meter_free(pp_meter *meter)
{
	if (!meter)
		return;
	free(meter->items);
	arena_free(meter->arena);
}

/* ---- a list of measures ---- */

static pp_measure *add(struct pp_meter *meter, pp_measure_kind kind, const char *owner, const char *what)
{
	static pp_measure const none = {0};
	if (meter->n == meter->capacity) {
		size_t capacity = meter->capacity ? 2 * meter->capacity : 64;
		pp_measure *grown = realloc(meter->items, capacity * sizeof *grown);
		if (!grown) {
			meter->failed = true;
			return NULL;
		}
		meter->items = grown;
		meter->capacity = capacity;
	}
	pp_measure *item = &meter->items[meter->n];
	*item = none;
	item->kind = kind;
	item->name = arena_printf(meter->arena, "%s%s", owner, what);
	meter->failed |= !item->name;
	meter->n += !!item->name;
	return item->name ? item : NULL;
}

static void put_number(struct pp_meter *meter, pp_measure_kind kind, const char *owner, const char *what, bool known,
		       int64_t value)
{
	pp_measure *item = add(meter, kind, owner, what);
	if (!item)
		return;
	item->known = known;
	item->value = known ? value : 0;
}

static void put_count(struct pp_meter *meter, const char *owner, const char *what, uint64_t n)
{
	put_number(meter, PP_MEASURE_COUNT, owner, what, true, (int64_t)n);
}

static void put_share(struct pp_meter *meter, const char *owner, const char *what, uint64_t part, uint64_t whole)
{
	pp_measure *item = add(meter, PP_MEASURE_SHARE, owner, what);
	if (!item)
		return;
	item->known = whole > 0;
	item->part = part;
	item->whole = whole;
}

/* ---- calls ---- */

#define OUTCOME_NOT_STARTED OUTCOME_COUNT
struct calls { /* of one flow; of all flows */
	uint64_t n, n_started, outcomes[OUTCOME_COUNT + 1];
	int64_t *latencies_ns; /* of those that were delivered */
	size_t n_latencies;
};

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* The nearest rank: the smallest value that at least `percent` of them are not above. */
static size_t rank_of(size_t n, unsigned percent)
{
	size_t rank = (n * percent + 99) / 100;
	return rank > 0 ? rank - 1 : 0;
}

static const char *outcome_word(unsigned outcome)
{
	return outcome == OUTCOME_NOT_STARTED ? "not_started" : outcome_name((enum outcome)outcome);
}

/* What happens to packets made by hand, where there are such. */
static bool is_measured(const struct calls *calls, unsigned outcome)
{
	return calls->outcomes[outcome] > 0 || (outcome != OUTCOME_FORWARDED && outcome != OUTCOME_DROPPED);
}

static void put_calls(struct pp_meter *meter, const char *owner, struct calls *calls)
{
	static const struct {
		const char *name;
		unsigned percent;
	} ranks[] = {{"latency.p50", 50}, {"latency.p95", 95}, {"latency.p99", 99}, {"latency.max", 100}};
	uint64_t failed = calls->n - calls->outcomes[OUTCOME_DELIVERED] - calls->outcomes[OUTCOME_FORWARDED];
	put_count(meter, owner, "calls", calls->n);
	for (unsigned i = 0; i <= OUTCOME_NOT_STARTED; i++)
		if (is_measured(calls, i))
			put_count(meter, owner, outcome_word(i), calls->outcomes[i]);
	put_count(meter, owner, "failed", failed);
	put_share(meter, owner, "failed_share", failed, calls->n);
	for (unsigned i = 0; i <= OUTCOME_NOT_STARTED; i++) {
		if (!is_measured(calls, i))
			continue;
		const char *name = arena_printf(meter->arena, "%s_share", outcome_word(i));
		put_share(meter, owner, name ? name : "", calls->outcomes[i], calls->n);
	}
	if (calls->n_latencies > 0)
		qsort(calls->latencies_ns, calls->n_latencies, sizeof *calls->latencies_ns, by_value);
	for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
		put_number(meter, PP_MEASURE_TIME, owner, ranks[i].name, calls->n_latencies > 0,
			   calls->n_latencies > 0 ? calls->latencies_ns[rank_of(calls->n_latencies, ranks[i].percent)]
						  : 0);
}

static void count_call(struct calls *calls, const struct world_connection *c)
{
	calls->outcomes[c->started ? (unsigned)c->outcome : OUTCOME_NOT_STARTED]++;
	if (c->started && c->outcome == OUTCOME_DELIVERED)
		calls->latencies_ns[calls->n_latencies++] = instant_since(c->ended_at, c->started_at);
}

static void put_flow(struct pp_meter *meter, uint32_t flow, struct calls *all, int64_t *room)
{
	const struct flow_config *config = &meter->run->model->flows[flow];
	struct calls calls = {.n = config->is_held_push ? 1 : config->count, .latencies_ns = room};
	for (uint32_t i = 0; i < calls.n; i++) {
		struct world_connection c;
		world_connection(meter->run->world, flow, i, &c);
		count_call(&calls, &c);
		count_call(all, &c);
	}
	all->n += calls.n;
	const char *owner = arena_printf(meter->arena, "flow.%s.", config->name);
	put_calls(meter, owner ? owner : "", &calls);
}

static uint64_t largest_flow(const struct model *model, uint64_t *ret_sum)
{
	uint64_t largest = 0;
	*ret_sum = 0;
	for (size_t i = 0; i < model->n_flows; i++) {
		uint64_t n = model->flows[i].is_held_push ? 1 : model->flows[i].count;
		largest = n > largest ? n : largest;
		*ret_sum += n;
	}
	return largest;
}

/* Returns how many calls there were. */
static uint64_t put_flows(struct pp_meter *meter)
{
	const struct model *model = meter->run->model;
	uint64_t n_all, n_largest = largest_flow(model, &n_all);
	int64_t *room =
		n_all < SIZE_MAX / sizeof *room / 4 ? malloc((size_t)(n_largest + n_all + 1) * sizeof *room) : NULL;
	if (!room) {
		meter->failed = true;
		return 0;
	}
	struct calls all = {.latencies_ns = room + n_largest};
	for (uint32_t i = 0; i < model->n_flows; i++)
		put_flow(meter, i, &all, room);
	put_calls(meter, "", &all);
	free(room);
	return all.n;
}

/* ---- NATs ---- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static void put_ports(struct pp_meter *meter, const char *owner, struct port_looks *nat, uint64_t peak)
{
	qsort(nat->looks, N_LOOKS, sizeof *nat->looks, by_number);
	put_count(meter, owner, "ports.peak", peak);
	put_count(meter, owner, "ports.p50", nat->looks[rank_of(N_LOOKS, 50)]);
	put_count(meter, owner, "ports.p95", nat->looks[rank_of(N_LOOKS, 95)]);
	put_count(meter, owner, "ports.p99", nat->looks[rank_of(N_LOOKS, 99)]);
}

static void put_nats(struct pp_meter *meter, uint64_t n_calls)
{
	uint64_t exhausted = 0, mappings = 0, expired = 0, peak = 0, largest = 0;
	while (meter->n_looks < N_LOOKS) /* nothing happens any more */
		look(meter);
	for (size_t i = 1; i < meter->n_nats; i++) {
		struct world_nat_metrics m;
		world_nat_metrics(meter->run->world, meter->nats[i].node, NONE, &m);
		const char *name = arena_printf(meter->arena, "nat.%s.", meter->nats[i].name);
		const char *owner = name ? name : "";
		put_ports(meter, owner, &meter->nats[i], m.ports_in_use_peak);
		put_count(meter, owner, "exhausted", m.exhausted);
		put_share(meter, owner, "exhausted_share", m.exhausted, n_calls);
		put_count(meter, owner, "mappings", m.mappings_total);
		put_count(meter, owner, "expired", m.expired);
		exhausted += m.exhausted;
		mappings += m.mappings_total;
		expired += m.expired;
		largest = m.ports_in_use_peak > largest ? m.ports_in_use_peak : largest;
	}
	/* The NATs need not have had their peaks at one time: of several it is the largest sum that was seen. */
	for (uint32_t i = 0; i < N_LOOKS; i++)
		peak = meter->nats[0].looks[i] > peak ? meter->nats[0].looks[i] : peak;
	put_ports(meter, "", &meter->nats[0], peak > largest ? peak : largest);
	put_count(meter, "", "exhausted", exhausted);
	put_share(meter, "", "exhausted_share", exhausted, n_calls);
	put_count(meter, "", "mappings", mappings);
	put_count(meter, "", "expired", expired);
}

/* ---- expectations ---- */

static void put_expectation(struct pp_meter *meter, size_t first, const char *name, bool pass)
{
	for (size_t k = first; k < meter->n; k++)
		if (strcmp(meter->items[k].name + sizeof "expect." - 1, name) == 0) {
			meter->items[k].value = meter->items[k].value && pass;
			return;
		}
	put_count(meter, "expect.", name, pass);
}

/* Expectations of one name are one measure: 1 where all of them hold. Before the end their names are known. */
static void put_expectations(struct pp_meter *meter)
{
	const struct pp_run *run = meter->run;
	const struct model *model = run->model;
	pp_summary s;
	pp_run_summary(run, &s);
	put_count(meter, "", "expectations.passed", s.passed);
	put_count(meter, "", "expectations.failed", s.failed);
	size_t first = meter->n;
	for (size_t i = 0; !run->finished && i < model->n_expects; i++)
		put_expectation(meter, first, model->expects[i].id ? model->expects[i].id : model->expects[i].text,
				true);
	for (size_t i = 0; i < pp_run_n_expectations(run); i++) {
		pp_expectation e;
		pp_run_expectation(run, i, &e);
		put_expectation(meter, first, e.name, e.pass);
	}
}

static void put_all(struct pp_meter *meter)
{
	struct world_counts counts;
	uint64_t n_calls = put_flows(meter);
	put_nats(meter, n_calls);
	world_counts(meter->run->world, &counts);
	put_count(meter, "", "packets", counts.originated);
	put_count(meter, "", "dropped", counts.dropped);
	put_count(meter, "", "retransmissions", counts.retransmissions);
	put_expectations(meter);
}

static int give(struct pp_meter *meter, const pp_measure **ret, size_t *ret_n)
{
	*ret = meter->items;
	*ret_n = meter->n;
	return meter->failed ? -ENOMEM : 0;
}

int pp_meter_names(pp_meter *meter, const pp_measure **ret, size_t *ret_n)
{
	put_all(meter);
	return give(meter, ret, ret_n);
}

int pp_meter_finish(pp_meter *meter, const pp_measure **ret, size_t *ret_n)
{
	if (!meter->run->finished || meter->n > 0)
		return -EINVAL;
	put_all(meter);
	return give(meter, ret, ret_n);
}

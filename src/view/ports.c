/* DOC: ports in use over time. A plot is of those who draw from the same ports: a worker's block, the block of a machine
 * behind a NAT, or all of a NAT; its lines are workers, apps or destinations. A port counts once in a line, however many
 * mappings of that line use it at the time (towards several destinations one port may serve several).
 *
 * A run gathers when each mapping began and ended. Afterwards the beginnings and ends of each plot are put in order and
 * gone through once, with a count for each port of each line. */
#include "view/ports.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SPANS 1000000u /* mappings that are looked at; the plots say nothing of those beyond */
#define MAX_PLOTS 12u
#define SAMPLES 241u

struct span { /* a mapping's life */
	uint32_t node, worker, flow;
	be32 source, dst, outside;
	be16 dst_port;
	uint16_t port;
	uint8_t proto;
	int64_t from_ns, to_ns;
};

struct refused { /* a call that found no port */
	uint32_t node, worker;
	be32 source;
	int64_t at_ns;
};

struct ports {
	struct pp_run *run;
	struct span *spans;
	size_t n, capacity;
	struct refused *refused;
	size_t n_refused, capacity_refused;
	int64_t last_ns;
};

/* ---- gathering ---- */

struct ports *ports_new(struct pp_run *run)
{
	struct ports *ports = calloc(1, sizeof *ports);
	if (ports)
		ports->run = run;
	return ports;
}

struct ports *ports_free(struct ports *ports)
{
	if (ports) {
		free(ports->spans);
		free(ports->refused);
	}
	free(ports);
	return NULL;
}

static void note_time(struct ports *ports, int64_t ns)
{
	ports->last_ns = ns > ports->last_ns ? ns : ports->last_ns;
}

int64_t ports_last_ns(const struct ports *ports)
{
	return ports->last_ns;
}

int ports_add(struct ports *ports, const struct world_mapping *mapping)
{
	note_time(ports, mapping->last_used.ns);
	if (ports->n == MAX_SPANS)
		return 0;
	if (ports->n == ports->capacity) {
		size_t capacity = ports->capacity ? 2 * ports->capacity : 256;
		struct span *grown = realloc(ports->spans, capacity * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		ports->spans = grown;
		ports->capacity = capacity;
	}
	ports->spans[ports->n++] = (struct span){
		.node = mapping->node,
		.worker = mapping->worker,
		.flow = mapping->flow,
		.source = mapping->inside.src,
		.dst = mapping->inside.dst,
		.outside = mapping->outside_addr,
		.dst_port = mapping->inside.dst_port,
		.port = mapping->outside_port,
		.proto = mapping->inside.proto,
		.from_ns = mapping->created.ns,
		.to_ns = mapping->ended.ns,
	};
	return 0;
}

static uint32_t worker_with(const struct model *model, const struct element *vip, be32 addr)
{
	const struct ase_config *ase = &model->ases[vip->owner];
	for (uint32_t i = 0; i < ase->max_workers; i++)
		if (be32_equal(ase->addresses[ase->front_ends + i], addr))
			return i;
	return NONE;
}

int ports_refuse(struct ports *ports, const struct step *step)
{
	const struct element *nat = element_at(ports->run->model, step->node);
	if (step->verdict.reason != REASON_SNAT_PORTS_EXHAUSTED || (step->packet->flags & PACKET_RETRANSMISSION) != 0)
		return 0;
	note_time(ports, step->at.ns);
	if (ports->n_refused == ports->capacity_refused) {
		size_t capacity = ports->capacity_refused ? 2 * ports->capacity_refused : 64;
		struct refused *grown = realloc(ports->refused, capacity * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		ports->refused = grown;
		ports->capacity_refused = capacity;
	}
	ports->refused[ports->n_refused++] = (struct refused){
		.node = step->node,
		.worker = nat->kind == ELEMENT_VIP ? worker_with(ports->run->model, nat, step->after.src) : NONE,
		.source = step->after.src,
		.at_ns = step->at.ns,
	};
	return 0;
}

/* ---- who draws from the same ports ---- */

struct owner {
	uint32_t node, worker;
	bool by_source;
	be32 source;
	uint64_t budget;
	const char *title;
};

static uint64_t all_ports(const struct pp_run *run, uint32_t node)
{
	const struct nat_rules *nat = element_at(run->model, node)->nat;
	uint64_t n_addresses = nat->n_addresses > 0 ? nat->n_addresses : 1;
	return n_addresses * world_nat_usable(run->world, node, nat->port_first, nat->port_last);
}

static uint64_t block_of(const struct pp_run *run, uint32_t node, uint32_t worker)
{
	uint16_t first;
	uint32_t n;
	bool own = world_nat_block(run->world, node, worker, &first, &n);
	if (own && n == 0) /* it is gone by now: the block of the first */
		own = world_nat_block(run->world, node, 0, &first, &n) && n > 0;
	return own ? world_nat_usable(run->world, node, first, (uint16_t)(first + n - 1)) : all_ports(run, node);
}

/* The block of a machine whose calls leave by a load balancer. */
static uint64_t block_at_frontend(const struct pp_run *run, uint32_t node, be32 source)
{
	const struct frontend_config *frontend = &run->model->frontends[element_at(run->model, node)->owner];
	for (uint32_t i = 0; i < frontend->n_machines; i++)
		if (be32_equal(run->model->hosts[frontend->machines[i]].addr, source))
			return block_of(run, node, i);
	return 0;
}

static bool has_blocks(const struct pp_run *run, uint32_t node)
{
	uint16_t first;
	uint32_t n;
	return element_at(run->model, node)->kind == ELEMENT_VIP && world_nat_block(run->world, node, 0, &first, &n);
}

static bool is_balanced(const struct pp_run *run, uint32_t node)
{
	return element_at(run->model, node)->kind == ELEMENT_FRONTEND;
}

static bool is_by_source(const struct pp_run *run, uint32_t node)
{
	return is_balanced(run, node) || element_at(run->model, node)->kind == ELEMENT_APP_OUTBOUND ||
	       world_nat_n_sources(run->world, node) > 0;
}

/* The block of an inside address, which it got when it first opened something; where ports double, what they come to. */
static uint64_t block_of_source(const struct pp_run *run, uint32_t node, be32 source)
{
	const struct nat_rules *nat = element_at(run->model, node)->nat;
	uint16_t first = 0;
	uint32_t n = 0;
	if (nat->ports_per_worker == NAT_PORTS_DOUBLING)
		return nat->ports_max;
	for (uint32_t i = 0; i < world_nat_n_sources(run->world, node); i++)
		if (be32_equal(world_nat_source(run->world, node, i), source))
			(void)world_nat_block(run->world, node, i, &first, &n);
	return n > 0 ? world_nat_usable(run->world, node, first, (uint16_t)(first + n - 1)) : nat->ports_per_worker;
}

static uint64_t budget_of(const struct pp_run *run, uint32_t node, uint32_t worker, be32 source)
{
	if (is_balanced(run, node))
		return block_at_frontend(run, node, source);
	if (is_by_source(run, node))
		return block_of_source(run, node, source);
	return has_blocks(run, node) ? block_of(run, node, worker) : all_ports(run, node);
}

/* By worker a plot is of a NAT, and its lines are its workers; otherwise of each that has ports of its own. The budget
 * is found with its plot, once. */
static struct owner owner_of(const struct ports *ports, pp_ports_by by, uint32_t node, uint32_t worker, be32 source)
{
	const struct pp_run *run = ports->run;
	bool by_source = is_by_source(run, node), workers = has_blocks(run, node);
	struct owner owner = {.node = node, .worker = NONE, .source = ADDR_NONE};
	if (by == PP_PORTS_BY_WORKER)
		return owner;
	owner.worker = workers ? worker : NONE;
	owner.by_source = by_source;
	owner.source = by_source ? source : ADDR_NONE;
	return owner;
}

static bool same_owner(const struct owner *a, const struct owner *b)
{
	return a->node == b->node && a->worker == b->worker && be32_equal(a->source, b->source);
}

static const char *owner_title(const struct pp_run *run, struct arena *arena, const struct owner *owner)
{
	char text[ADDR_TEXT_BYTES];
	const struct element *nat = element_at(run->model, owner->node);
	if (owner->worker != NONE)
		return element_at(run->model, element_worker(run->model, nat->owner, owner->worker))->name;
	if (owner->by_source)
		return arena_printf(arena, "%s %s", nat->name, addr_print(owner->source, text));
	return nat->name;
}

/* ---- lines ---- */

static bool same_line(const struct pp_run *run, pp_ports_by by, const struct span *a, const struct span *b)
{
	switch (by) {
	case PP_PORTS_BY_WORKER:
		return a->worker == b->worker && be32_equal(a->source, b->source);
	case PP_PORTS_BY_APP: {
		const char *x = model_app_of_flow(run->model, a->flow), *y = model_app_of_flow(run->model, b->flow);
		return x == y && (x || a->flow == b->flow);
	}
	case PP_PORTS_BY_DESTINATION:
		break;
	}
	return be32_equal(a->dst, b->dst) && a->proto == b->proto &&
	       (a->proto == PROTO_ICMP || be16_equal(a->dst_port, b->dst_port));
}

static const char *line_label(const struct pp_run *run, struct arena *arena, pp_ports_by by, const struct span *span)
{
	char text[ADDR_TEXT_BYTES];
	const struct element *nat = element_at(run->model, span->node);
	const char *app = model_app_of_flow(run->model, span->flow);
	switch (by) {
	case PP_PORTS_BY_WORKER:
		if (span->worker != NONE && nat->kind == ELEMENT_VIP)
			return element_at(run->model, element_worker(run->model, nat->owner, span->worker))->name;
		return arena_strdup(arena, addr_print(span->source, text));
	case PP_PORTS_BY_APP:
		if (app)
			return app;
		return arena_printf(arena, "flow %s", run->model->flows[span->flow].name);
	case PP_PORTS_BY_DESTINATION:
		break;
	}
	addr_print(span->dst, text);
	if (span->proto == PROTO_ICMP)
		return arena_printf(arena, "%s/icmp", text);
	return arena_printf(arena, "%s:%u/%s", text, be16_to(span->dst_port), proto_name(span->proto));
}

/* ---- counting ---- */

struct change { /* a mapping begins or ends */
	int64_t at_ns;
	const struct span *span;
	uint32_t line;
	bool ends;
};

static int compare_changes(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	return (int)y->ends - (int)x->ends; /* a port that is given back is free for the next */
}

struct tally { /* open addressing: mappings of a line on a port */
	struct port_count {
		uint64_t key; /* 0: a free slot */
		uint32_t n;
	} * slots;
	size_t mask;
};

static struct port_count *count_of(struct tally *tally, uint32_t line, const struct span *span)
{
	uint64_t key = ((uint64_t)line + 1) << 56 ^ (uint64_t)span->outside.raw << 24 ^ (uint64_t)span->port << 8 ^
		       span->proto;
	size_t i = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & tally->mask;
	while (tally->slots[i].key != 0 && tally->slots[i].key != key)
		i = (i + 1) & tally->mask;
	tally->slots[i].key = key;
	return &tally->slots[i];
}

struct line { /* in the making */
	const struct span *first;
	uint64_t now, peak;
	uint64_t *samples;
};

struct plot { /* in the making */
	struct owner owner;
	struct change *changes;
	size_t n_changes;
	struct line *lines;
	size_t n_lines;
	uint64_t *refused;
	uint64_t n_refused, peak;
};

static size_t sample_at(int64_t ns, int64_t end_ns)
{
	int64_t step = end_ns / (int64_t)(SAMPLES - 1);
	if (step <= 0 || ns >= end_ns)
		return SAMPLES - 1;
	size_t i = (size_t)((ns + step - 1) / step);
	return i < SAMPLES ? i : SAMPLES - 1;
}

static void sweep(struct plot *plot, struct tally *tally, int64_t end_ns)
{
	size_t next = 0;
	qsort(plot->changes, plot->n_changes, sizeof *plot->changes, compare_changes);
	for (size_t i = 0; i < plot->n_changes; i++) {
		const struct change *change = &plot->changes[i];
		for (; next < SAMPLES && next < sample_at(change->at_ns, end_ns); next++)
			for (size_t k = 0; k < plot->n_lines; k++)
				plot->lines[k].samples[next] = plot->lines[k].now;
		struct port_count *count = count_of(tally, change->line, change->span);
		struct line *line = &plot->lines[change->line];
		if (change->ends)
			line->now -= --count->n == 0;
		else
			line->now += count->n++ == 0;
		line->peak = line->now > line->peak ? line->now : line->peak;
	}
	for (; next < SAMPLES; next++)
		for (size_t k = 0; k < plot->n_lines; k++)
			plot->lines[k].samples[next] = plot->lines[k].now;
}

/* ---- the plots ---- */

struct making {
	const struct ports *ports;
	struct arena *arena;
	pp_ports_by by;
	int64_t end_ns;
	struct plot *plots;
	size_t n, capacity;
	size_t found[256]; /* where plots were found last, by owner: a look before the search */
	bool failed;
};

static struct plot *plot_of(struct making *making, uint32_t node, uint32_t worker, be32 source)
{
	const struct owner owner = owner_of(making->ports, making->by, node, worker, source);
	size_t *found = &making->found[(owner.node * 31 + owner.worker + be32_key(owner.source)) % 256];
	if (*found < making->n && same_owner(&making->plots[*found].owner, &owner))
		return &making->plots[*found];
	for (size_t i = making->n; i-- > 0;)
		if (same_owner(&making->plots[i].owner, &owner)) {
			*found = i;
			return &making->plots[i];
		}
	if (making->n == making->capacity) {
		size_t capacity = making->capacity ? 2 * making->capacity : 16;
		struct plot *grown = realloc(making->plots, capacity * sizeof *grown);
		if (!grown)
			return NULL;
		making->plots = grown;
		making->capacity = capacity;
	}
	struct plot *plot = &making->plots[making->n++];
	*plot = (struct plot){.owner = owner};
	plot->owner.budget = budget_of(making->ports->run, node, worker, source);
	return plot;
}

static struct plot *plot_of_span(struct making *making, const struct span *span)
{
	return plot_of(making, span->node, span->worker, span->source);
}

static int line_of(struct making *making, struct plot *plot, const struct span *span, uint32_t *ret)
{
	const struct pp_run *run = making->ports->run;
	for (size_t i = plot->n_lines; i-- > 0;)
		if (same_line(run, making->by, plot->lines[i].first, span)) {
			*ret = (uint32_t)i;
			return 0;
		}
	if ((plot->n_lines & (plot->n_lines - 1)) == 0) { /* at each power of two */
		struct line *grown = realloc(plot->lines, (plot->n_lines ? 2 * plot->n_lines : 1) * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		plot->lines = grown;
	}
	uint64_t *samples = arena_array(making->arena, SAMPLES, sizeof *samples);
	*ret = (uint32_t)plot->n_lines;
	plot->lines[plot->n_lines++] = (struct line){.first = span, .samples = samples};
	return samples ? 0 : -ENOMEM;
}

static int put_changes(struct making *making)
{
	const struct ports *ports = making->ports;
	for (size_t i = 0; i < ports->n; i++) { /* how many there are */
		struct plot *plot = plot_of_span(making, &ports->spans[i]);
		if (!plot)
			return -ENOMEM;
		plot->n_changes += 2;
	}
	for (size_t i = 0; i < making->n; i++) {
		making->plots[i].changes = malloc(making->plots[i].n_changes * sizeof *making->plots[i].changes);
		if (!making->plots[i].changes)
			return -ENOMEM;
		making->plots[i].n_changes = 0;
	}
	for (size_t i = 0; i < ports->n; i++) {
		const struct span *span = &ports->spans[i];
		struct plot *plot = plot_of_span(making, span);
		uint32_t line;
		int r = line_of(making, plot, span, &line);
		if (r < 0)
			return r;
		plot->changes[plot->n_changes++] = (struct change){span->from_ns, span, line, false};
		if (span->to_ns != INT64_MAX)
			plot->changes[plot->n_changes++] = (struct change){span->to_ns, span, line, true};
	}
	return 0;
}

static int put_refused(struct making *making)
{
	for (size_t i = 0; i < making->ports->n_refused; i++) {
		const struct refused *refused = &making->ports->refused[i];
		struct plot *plot = plot_of(making, refused->node, refused->worker, refused->source);
		if (plot && !plot->refused)
			plot->refused = arena_array(making->arena, SAMPLES, sizeof *plot->refused);
		if (!plot || !plot->refused)
			return -ENOMEM;
		plot->refused[sample_at(refused->at_ns, making->end_ns)]++;
		plot->n_refused++;
	}
	return 0;
}

static int count_ports(struct making *making)
{
	for (size_t i = 0; i < making->n; i++) {
		struct plot *plot = &making->plots[i];
		size_t size = 64;
		while (size < 2 * plot->n_changes)
			size *= 2;
		struct tally tally = {calloc(size, sizeof *tally.slots), size - 1};
		if (!tally.slots)
			return -ENOMEM;
		sweep(plot, &tally, making->end_ns);
		free(tally.slots);
		for (size_t k = 0; k < plot->n_lines; k++)
			plot->peak = plot->lines[k].peak > plot->peak ? plot->lines[k].peak : plot->peak;
	}
	return 0;
}

static int fullest_line_first(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	if (x->peak != y->peak)
		return x->peak > y->peak ? -1 : 1;
	return x->first->from_ns < y->first->from_ns ? -1 : x->first->from_ns > y->first->from_ns;
}

/* What was refused first, then the fullest; of equal ones as the network has them. */
static int fullest_plot_first(const void *a, const void *b)
{
	const struct plot *x = a, *y = b;
	if (x->n_refused != y->n_refused)
		return x->n_refused > y->n_refused ? -1 : 1;
	if (x->peak != y->peak)
		return x->peak > y->peak ? -1 : 1;
	if (x->owner.node != y->owner.node)
		return x->owner.node < y->owner.node ? -1 : 1;
	return x->owner.worker < y->owner.worker ? -1 : x->owner.worker > y->owner.worker;
}

static int finish_plot(struct making *making, struct plot *plot, struct plot_lines *ret)
{
	const struct pp_run *run = making->ports->run;
	qsort(plot->lines, plot->n_lines, sizeof *plot->lines, fullest_line_first);
	*ret = (struct plot_lines){
		.title = owner_title(run, making->arena, &plot->owner),
		.n_lines = plot->n_lines < PLOT_MAX_LINES ? plot->n_lines : PLOT_MAX_LINES,
		.refused = plot->refused,
		.n_samples = SAMPLES,
		.budget = plot->owner.budget,
		.end_ns = making->end_ns,
	};
	ret->n_left_out = plot->n_lines - ret->n_lines;
	for (size_t i = 0; i < ret->n_lines; i++) {
		const char *label = line_label(run, making->arena, making->by, plot->lines[i].first);
		ret->lines[i] = (struct plot_line){label, plot->lines[i].samples, plot->lines[i].peak};
		if (!label)
			return -ENOMEM;
	}
	return ret->title ? 0 : -ENOMEM;
}

static int finish_plots(struct making *making, struct plot_lines **ret, size_t *ret_n, size_t *ret_n_left_out)
{
	if (making->n > 1)
		qsort(making->plots, making->n, sizeof *making->plots, fullest_plot_first);
	*ret_n = making->n < MAX_PLOTS ? making->n : MAX_PLOTS;
	*ret_n_left_out = making->n - *ret_n;
	*ret = arena_array(making->arena, *ret_n, sizeof **ret);
	int r = *ret ? 0 : -ENOMEM;
	for (size_t i = 0; r == 0 && i < *ret_n; i++)
		r = finish_plot(making, &making->plots[i], &(*ret)[i]);
	return r;
}

int ports_plot(struct ports *ports, struct arena *arena, pp_ports_by by, int64_t end_ns, struct plot_lines **ret,
	       size_t *ret_n, size_t *ret_n_left_out)
{
	struct making making = {.ports = ports, .arena = arena, .by = by, .end_ns = end_ns > 0 ? end_ns : 1};
	int r = put_changes(&making);
	r = r < 0 ? r : put_refused(&making);
	r = r < 0 ? r : count_ports(&making);
	r = r < 0 ? r : finish_plots(&making, ret, ret_n, ret_n_left_out);
	for (size_t i = 0; i < making.n; i++) {
		free(making.plots[i].changes);
		free(making.plots[i].lines);
	}
	free(making.plots);
	return r;
}

/* DOC: the tables of all NATs as they are now. */
#include "facade/facade.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct collection {
	struct pp_run *run;
	pp_mapping *items;
	size_t n, capacity;
};

static int grow(struct collection *collection)
{
	size_t capacity = collection->capacity ? collection->capacity * 2 : 256;
	pp_mapping *items = arena_array(collection->run->arena, capacity, sizeof *items);
	if (!items)
		return -ENOMEM;
	if (collection->n > 0)
		memcpy(items, collection->items, collection->n * sizeof *items);
	collection->items = items;
	collection->capacity = capacity;
	return 0;
}

static const char *owner_of(const struct pp_run *run, const struct world_mapping *m)
{
	if (m->worker == NONE)
		return NULL;
	uint32_t owner = element_of_port_owner(run->model, m->node, m->worker);
	return owner == NONE ? NULL : element_at(run->model, owner)->name;
}

static const char *flow_of(const struct pp_run *run, const struct world_mapping *m)
{
	return m->flow == NONE ? NULL : facade_connection_name(run->arena, run->model, m->flow, m->index_in_flow);
}

static const char *app_of(const struct pp_run *run, const struct world_mapping *m)
{
	return m->flow == NONE ? NULL : model_app_of_flow(run->model, m->flow);
}

static int collect(void *context, const struct world_mapping *m)
{
	struct collection *collection = context;
	if (m->why)
		return 0;
	int r = collection->n == collection->capacity ? grow(collection) : 0;
	if (r < 0)
		return r;
	collection->items[collection->n++] = (pp_mapping){
		.nat = m->nat,
		.rule = m->rule,
		.owner = owner_of(collection->run, m),
		.inside = facade_tuple(&m->inside),
		.outside = facade_addr(m->outside_addr),
		.outside_port = m->outside_port,
		.created_ns = instant_is_never(m->created) ? -1 : m->created.ns,
		.last_used_ns = m->last_used.ns,
		.ends_ns = instant_is_never(m->ends) ? -1 : m->ends.ns,
		.state = m->state,
		.packets = m->packets,
		.bytes = m->bytes,
		.file = m->place.file,
		.line = m->place.line,
		.flow = flow_of(collection->run, m),
		.app = app_of(collection->run, m),
		.timer = m->timer,
	};
	return 0;
}

/* Mappings come by NAT, and those of one in the order in which they were made: NATs are sorted by name alone. */
static int compare(const void *a, const void *b)
{
	const pp_mapping *x = a, *y = b;
	int order = strcmp(x->nat, y->nat);
	if (order == 0)
		order = strcmp(y->rule, x->rule); /* source NAT, then the balancer's flows */
	if (order != 0)
		return order;
	if (x->created_ns != y->created_ns)
		return x->created_ns < y->created_ns ? -1 : 1;
	order = memcmp(&x->inside.src, &y->inside.src, sizeof x->inside.src);
	if (order != 0)
		return order;
	if (x->inside.src_port != y->inside.src_port)
		return x->inside.src_port < y->inside.src_port ? -1 : 1;
	if (x->outside_port != y->outside_port) /* of ports that rest */
		return x->outside_port < y->outside_port ? -1 : 1;
	return x->ends_ns < y->ends_ns ? -1 : x->ends_ns > y->ends_ns;
}

int pp_run_mappings(pp_run *run, const pp_mapping **ret, size_t *ret_n)
{
	struct collection collection = {.run = run};
	world_observe_nat(run->world, collect, &collection);
	int r = world_nat_flush(run->world);
	facade_observe_nat(run);
	r = r < 0 ? r : world_each_resting(run->world, collect, &collection);
	r = r < 0 ? r : world_each_expected(run->world, collect, &collection);
	r = r < 0 ? r : world_each_balanced(run->world, collect, &collection);
	if (r == 0 && collection.n > 1)
		qsort(collection.items, collection.n, sizeof *collection.items, compare);
	*ret = collection.items;
	*ret_n = collection.n;
	return r;
}

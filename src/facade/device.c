/* DOC: a device in place of a NAT, as embedders see it: which NAT, frames for packets, and the differences between what
 * came out and what was predicted. */
#include "compare/frame.h"
#include "facade/facade.h"
#include "net/packet.h"
#include "network/world.h"
#include <errno.h>
#include <string.h>

#define FRAME_BYTES 65600u

struct diverted {
	pp_run *run;
	pp_device *device;
	void *context;
	unsigned ignore;
	bool is_vip; /* no hop that shows, so TTL says nothing */
	const char *nat;
	struct place place;
	pp_deviation *items;
	size_t n, capacity;
	uint8_t arrived[FRAME_BYTES], predicted[FRAME_BYTES];
};

/* ---- which NAT ---- */

struct choice {
	const char *name;
	struct point point;
	struct place place;
};

static size_t list_nats(const struct model *model, struct choice *ret)
{
	size_t n = 0;
	for (size_t i = 0; i < model->n_ases; i++)
		ret[n++] = (struct choice){model->ases[i].name, {POINT_VIP, (uint32_t)i, 0}, model->ases[i].snat.place};
	for (size_t i = 0; i < model->n_sites; i++)
		if (model->sites[i].has_nat)
			ret[n++] = (struct choice){
				model->sites[i].name, {POINT_SITE_NAT, (uint32_t)i, 0}, model->sites[i].nat.place};
	for (size_t i = 0; i < model->n_hosts; i++)
		if (model->hosts[i].has_nat)
			ret[n++] = (struct choice){
				model->hosts[i].name, {POINT_HOST, (uint32_t)i, 0}, model->hosts[i].nat.place};
	return n;
}

static const char *names_of(struct arena *arena, const struct choice *choices, size_t n)
{
	const char *names = "";
	for (size_t i = 0; names && i < n; i++)
		names = arena_printf(arena, "%s%s%s", names, i > 0 ? ", " : "", choices[i].name);
	return names;
}

/* ---- differences ---- */

static int deviate(struct diverted *diverted, const struct world_passage *passage, const char *field,
		   const char *predicted, const char *actual)
{
	struct arena *arena = diverted->run->arena;
	const char *flow = diverted->run->model->flows[passage->flow].name;
	for (size_t i = 0; i < diverted->n; i++) {
		pp_deviation *item = &diverted->items[i];
		if (strcmp(item->flow, flow) == 0 && item->outbound == passage->outbound &&
		    strcmp(item->field, field) == 0) {
			item->more++;
			return 0;
		}
	}
	if (diverted->n == diverted->capacity) {
		size_t capacity = diverted->capacity == 0 ? 16 : 2 * diverted->capacity;
		pp_deviation *grown = arena_array(arena, capacity, sizeof *grown);
		if (!grown)
			return -ENOMEM;
		if (diverted->n > 0)
			memcpy(grown, diverted->items, diverted->n * sizeof *grown);
		diverted->items = grown;
		diverted->capacity = capacity;
	}
	struct buf what = {0};
	frame_describe(&what, diverted->arrived, packet_frame_bytes(passage->arrived));
	pp_deviation *item = &diverted->items[diverted->n++];
	*item = (pp_deviation){
		.flow = flow,
		.index = passage->index_in_flow,
		.packet = passage->arrived->id,
		.time_ns = passage->at.ns,
		.outbound = passage->outbound,
		.what = arena_strdup(arena, buf_text(&what)),
		.field = arena_strdup(arena, field),
		.predicted = arena_strdup(arena, predicted),
		.actual = arena_strdup(arena, actual),
		.nat = diverted->nat,
		.file = diverted->place.line == 0 ? NULL : diverted->place.file,
		.line = diverted->place.line,
	};
	bool failed = buf_failed(&what);
	buf_free(&what);
	return failed || !item->what || !item->field || !item->predicted || !item->actual ? -ENOMEM : 0;
}

/* Links have their own MAC addresses. */
static bool is_passed_over(const struct diverted *diverted, const struct field *field)
{
	return field->kind == FIELD_MAC || (diverted->is_vip && strcmp(field->name, "TTL") == 0);
}

static int compare_frames(struct diverted *diverted, const struct world_passage *passage, const uint8_t *actual,
			  size_t actual_bytes)
{
	struct field predicted[FRAME_MAX_FIELDS], came[FRAME_MAX_FIELDS];
	size_t n = frame_fields(diverted->predicted, packet_frame_bytes(passage->predicted), predicted);
	size_t n_came = frame_fields(actual, actual_bytes, came);
	int r = 0;
	for (size_t i = 0; r == 0 && i < n && i < n_came; i++) {
		struct field_change change;
		if (!is_passed_over(diverted, &predicted[i]) &&
		    field_differs(&predicted[i], &came[i], diverted->ignore, &change))
			r = deviate(diverted, passage, change.name, change.before, change.after);
	}
	return r;
}

static int pass(void *context, const struct world_passage *passage, uint8_t *ret, size_t size_bytes, size_t *ret_bytes)
{
	struct diverted *diverted = context;
	if (packet_frame_bytes(passage->arrived) > FRAME_BYTES)
		return -EMSGSIZE;
	packet_copy(passage->arrived, diverted->arrived);
	if (passage->predicted)
		packet_copy(passage->predicted, diverted->predicted);
	pp_passage public = {
		.outbound = passage->outbound,
		.time_ns = passage->at.ns,
		.flow = diverted->run->model->flows[passage->flow].name,
		.index = passage->index_in_flow,
		.packet = passage->arrived->id,
		.frame = diverted->arrived,
		.frame_bytes = packet_frame_bytes(passage->arrived),
	};
	int came = diverted->device(diverted->context, &public, ret, size_bytes, ret_bytes), r = 0;
	if (came < 0)
		return came;
	if (came > 0 && passage->predicted)
		r = compare_frames(diverted, passage, ret, *ret_bytes);
	else if (came > 0)
		r = deviate(diverted, passage, "passage", reason_name(passage->reason), "passed");
	else if (passage->predicted)
		r = deviate(diverted, passage, "passage", "passed", "nothing came out");
	return r < 0 ? r : came;
}

/* ---- the calls ---- */

int pp_run_divert(pp_run *run, const char *nat, unsigned ignore, pp_device *device, void *context,
		  const char **ret_names)
{
	const struct model *model = run->model;
	*ret_names = NULL;
	if (run->begun)
		return -EINVAL;
	struct choice *choices =
		arena_array(run->arena, model->n_ases + model->n_sites + model->n_hosts + 1, sizeof *choices);
	if (!choices)
		return -ENOMEM;
	size_t n = list_nats(model, choices), chosen = n;
	for (size_t i = 0; i < n; i++)
		if (!nat ? n == 1 : strcmp(choices[i].name, nat) == 0)
			chosen = i;
	if (chosen == n) {
		*ret_names = names_of(run->arena, choices, n);
		return !*ret_names ? -ENOMEM : 1;
	}
	struct diverted *diverted = arena_alloc(run->arena, sizeof *diverted);
	if (!diverted)
		return -ENOMEM;
	diverted->run = run;
	diverted->device = device;
	diverted->context = context;
	diverted->ignore = ignore;
	diverted->is_vip = choices[chosen].point.kind == POINT_VIP;
	diverted->nat = choices[chosen].name;
	diverted->place = choices[chosen].place;
	run->diverted = diverted;
	return world_divert(run->world, world_node(run->world, choices[chosen].point),
			    &(struct world_device){.pass = pass, .context = diverted});
}

const char *pp_run_diverted(const pp_run *run)
{
	return !run->diverted ? NULL : run->diverted->nat;
}

size_t pp_run_n_deviations(const pp_run *run)
{
	return !run->diverted ? 0 : run->diverted->n;
}

void pp_run_deviation(const pp_run *run, size_t index, pp_deviation *ret)
{
	*ret = run->diverted->items[index];
}

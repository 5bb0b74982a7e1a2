/* DOC: a device in place of a NAT, as embedders see it: which NAT, frames for packets, and the differences between what
 * came out and what was predicted. */
#include "compare/frame.h"
#include "facade/facade.h"
#include "net/packet.h"
#include "network/world.h"
#include <errno.h>
#include <string.h>

#define FRAME_BYTES 65600u

struct device_in_place {
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

/* The one that the scenario has, where none is named; an address that Azure lends counts where there is no other. */
static uint32_t only_nat(const struct model *model)
{
	uint32_t only = NONE, lent = NONE;
	for (uint32_t i = element_next_nat(model, 0); i != NONE; i = element_next_nat(model, i + 1)) {
		uint32_t *of_kind = element_at(model, i)->kind == ELEMENT_LENT ? &lent : &only;
		if (*of_kind != NONE)
			return NONE;
		*of_kind = i;
	}
	return only == NONE ? lent : only;
}

static const char *names_of(struct arena *arena, const struct model *model)
{
	const char *names = "";
	for (uint32_t i = element_next_nat(model, 0); names && i != NONE; i = element_next_nat(model, i + 1))
		names = arena_printf(arena, "%s%s%s", names, *names ? ", " : "", element_at(model, i)->nat_name);
	return names;
}

/* ---- differences ---- */

static int deviate(struct device_in_place *in_place, const struct world_passage *passage, const char *field,
		   const char *predicted, const char *actual)
{
	struct arena *arena = in_place->run->arena;
	const char *flow = in_place->run->model->flows[passage->flow].name;
	for (size_t i = 0; i < in_place->n; i++) {
		pp_deviation *item = &in_place->items[i];
		if (strcmp(item->flow, flow) == 0 && item->outbound == passage->outbound &&
		    strcmp(item->field, field) == 0) {
			item->more++;
			return 0;
		}
	}
	if (in_place->n == in_place->capacity) {
		size_t capacity = in_place->capacity == 0 ? 16 : 2 * in_place->capacity;
		pp_deviation *grown = arena_array(arena, capacity, sizeof *grown);
		if (!grown)
			return -ENOMEM;
		if (in_place->n > 0)
			memcpy(grown, in_place->items, in_place->n * sizeof *grown);
		in_place->items = grown;
		in_place->capacity = capacity;
	}
	struct buf what = {0};
	frame_describe(&what, in_place->arrived, packet_frame_bytes(passage->arrived));
	pp_deviation *item = &in_place->items[in_place->n++];
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
		.nat = in_place->nat,
		.file = in_place->place.line == 0 ? NULL : in_place->place.file,
		.line = in_place->place.line,
	};
	bool failed = buf_failed(&what);
	buf_free(&what);
	return failed || !item->what || !item->field || !item->predicted || !item->actual ? -ENOMEM : 0;
}

/* Links have their own MAC addresses. */
static bool is_passed_over(const struct device_in_place *in_place, const struct field *field)
{
	return field->kind == FIELD_MAC || (in_place->is_vip && strcmp(field->name, "TTL") == 0);
}

static int compare_frames(struct device_in_place *in_place, const struct world_passage *passage, const uint8_t *actual,
			  size_t actual_bytes)
{
	struct field predicted[FRAME_MAX_FIELDS], came[FRAME_MAX_FIELDS];
	size_t n = frame_fields(in_place->predicted, packet_frame_bytes(passage->predicted), predicted);
	size_t n_came = frame_fields(actual, actual_bytes, came);
	int r = 0;
	for (size_t i = 0; r == 0 && i < n && i < n_came; i++) {
		struct field_change change;
		if (!is_passed_over(in_place, &predicted[i]) &&
		    field_differs(&predicted[i], &came[i], in_place->ignore, &change))
			r = deviate(in_place, passage, change.name, change.before, change.after);
	}
	return r;
}

static int pass(void *context, const struct world_passage *passage, uint8_t *ret, size_t size_bytes, size_t *ret_bytes)
{
	struct device_in_place *in_place = context;
	if (packet_frame_bytes(passage->arrived) > FRAME_BYTES)
		return -EMSGSIZE;
	packet_copy(passage->arrived, in_place->arrived);
	if (passage->predicted)
		packet_copy(passage->predicted, in_place->predicted);
	pp_passage public = {
		.outbound = passage->outbound,
		.time_ns = passage->at.ns,
		.flow = in_place->run->model->flows[passage->flow].name,
		.index = passage->index_in_flow,
		.packet = passage->arrived->id,
		.frame = in_place->arrived,
		.frame_bytes = packet_frame_bytes(passage->arrived),
	};
	int came = in_place->device(in_place->context, &public, ret, size_bytes, ret_bytes), r = 0;
	if (came < 0)
		return came;
	if (came > 0 && passage->predicted)
		r = compare_frames(in_place, passage, ret, *ret_bytes);
	else if (came > 0)
		r = deviate(in_place, passage, "passage", reason_name(passage->reason), "passed");
	else if (passage->predicted)
		r = deviate(in_place, passage, "passage", "passed", "nothing came out");
	return r < 0 ? r : came;
}

/* ---- the calls ---- */

int pp_run_use_device(pp_run *run, const char *nat, unsigned ignore, pp_device *device, void *context,
		      const char **ret_names)
{
	const struct model *model = run->model;
	*ret_names = NULL;
	if (run->begun)
		return -EINVAL;
	uint32_t chosen = nat ? element_find_nat(model, nat) : only_nat(model);
	if (chosen == NONE) {
		*ret_names = names_of(run->arena, model);
		return !*ret_names ? -ENOMEM : 1;
	}
	const struct element *element = element_at(model, chosen);
	struct device_in_place *in_place = arena_alloc(run->arena, sizeof *in_place);
	if (!in_place)
		return -ENOMEM;
	in_place->run = run;
	in_place->device = device;
	in_place->context = context;
	in_place->ignore = ignore;
	in_place->is_vip = element->kind == ELEMENT_VIP;
	in_place->nat = element->nat_name;
	in_place->place = element->nat->place;
	run->in_place = in_place;
	return world_use_device(run->world, chosen, &(struct world_device){.pass = pass, .context = in_place});
}

const char *pp_run_device_nat(const pp_run *run)
{
	return !run->in_place ? NULL : run->in_place->nat;
}

size_t pp_run_n_deviations(const pp_run *run)
{
	return !run->in_place ? 0 : run->in_place->n;
}

void pp_run_deviation(const pp_run *run, size_t index, pp_deviation *ret)
{
	*ret = run->in_place->items[index];
}

/* DOC: the section `timeline`. Events are kept by time; those of one instant in the order of the file. */
#include "scenario/decode.h"
#include <stdlib.h>
#include <string.h>

static uint32_t find_ase(struct decoder *d, const struct tree *node, const char *key)
{
	const struct model *model = d->model;
	const char *name = decode_text(d, node, SECTION_EVENT, key);
	uint32_t ase = name ? find_by_name(model->ases, model->n_ases, name) : NONE;
	if (name && ase == NONE)
		unknown_name(d, decode_place(node, key), "environment", name, model->ases, model->n_ases, sizeof *model->ases);
	return ase;
}

static void only_with(struct decoder *d, const struct tree *node, const char *what, const char *const *allowed)
{
	for (const struct tree *child = node->first; child; child = child->next) {
		const struct key *key = key_find(SECTION_EVENT, child->key);
		bool fits = !key || key->later || strcmp(child->key, "at") == 0 || strcmp(child->key, what) == 0;
		for (size_t i = 0; !fits && allowed[i]; i++)
			fits = strcmp(child->key, allowed[i]) == 0;
		if (!fits)
			diag_error(d->diags, child->key_place, "one event an item", "`%s` does not go with `%s`", child->key, what);
	}
}

static bool decode_scale(struct decoder *d, const struct tree *node, struct event_config *event)
{
	static const char *const with[] = {"workers", NULL};
	int64_t workers;
	only_with(d, node, "scale", with);
	event->kind = EVENT_SCALE;
	event->ase = find_ase(d, node, "scale");
	if (!decode_has(node, "workers"))
		diag_error(d->diags, node->place, "workers: N", "`scale` needs `workers`");
	if (event->ase == NONE || !decode_int(d, node, SECTION_EVENT, "workers", &workers))
		return false;
	event->workers = (uint32_t)workers;
	event->text = arena_printf(d->arena, "scale %s to %u workers", d->model->ases[event->ase].name, event->workers);
	return true;
}

static bool decode_move(struct decoder *d, const struct tree *node, struct event_config *event)
{
	static const char *const with[] = {"to", NULL};
	struct endpoint app;
	const char *text = decode_text(d, node, SECTION_EVENT, "move");
	only_with(d, node, "move", with);
	event->kind = EVENT_MOVE;
	if (!decode_has(node, "to")) {
		diag_error(d->diags, node->place, "to: worker-2, or a list", "`move` needs `to`");
		return false;
	}
	if (!text || !parse_from(d->model, d->arena, text, decode_place(node, "move"), d->diags, &app))
		return false;
	if (app.kind != ENDPOINT_APP) {
		diag_error(d->diags, decode_place(node, "move"), "write ASE/APP", "`%s` is not an app", text);
		return false;
	}
	event->app = app.index;
	event->ase = d->model->apps[app.index].ase;
	event->text = arena_printf(d->arena, "move %s", text);
	return decode_workers(d, tree_get(node, "to"), &d->model->ases[event->ase], &event->on, &event->n_on);
}

static bool decode_link(struct decoder *d, const struct tree *node, struct event_config *event)
{
	static const char *const with[] = {"state", "latency", "loss", NULL};
	const char *text = decode_text(d, node, SECTION_EVENT, "link");
	unsigned state;
	only_with(d, node, "link", with);
	if (!text)
		return false;
	event->has_state = decode_enum(d, node, SECTION_EVENT, "state", &state);
	event->up = event->has_state && state == 0;
	event->has_latency = decode_duration(d, node, SECTION_EVENT, "latency", &event->latency_ns);
	event->has_loss = decode_fraction(d, node, SECTION_EVENT, "loss", &event->loss_parts);
	if (!decode_has(node, "state") && !decode_has(node, "latency") && !decode_has(node, "loss"))
		diag_error(d->diags, node->place, "give `state`, `latency` or `loss`", "the event changes nothing of the link");
	event->text = arena_printf(d->arena, "link %s%s", text, event->has_state ? (event->up ? " up" : " down") : "");
	for (size_t i = 0; i < LINK_CLASS_COUNT; i++)
		if (strcmp(text, link_class_name((enum link_class)i)) == 0) {
			/* `internet` is a class and a point; alone it is the class. */
			event->kind = EVENT_LINK_CLASS;
			event->link = (enum link_class)i;
			return true;
		}
	event->kind = EVENT_LINK_EDGE;
	return parse_edge(d, text, decode_place(node, "link"), event->edge);
}

static bool decode_stop(struct decoder *d, const struct tree *node, const char *key, struct event_config *event)
{
	static const char *const alone[] = {NULL};
	const char *text = decode_text(d, node, SECTION_EVENT, key);
	only_with(d, node, key, alone);
	event->kind = strcmp(key, "stop") == 0 ? EVENT_STOP : EVENT_START;
	if (!text || !parse_point(d, text, decode_place(node, key), &event->target))
		return false;
	event->text = arena_printf(d->arena, "%s %s", key, text);
	if (event->target.kind == POINT_HOST || event->target.kind == POINT_WORKER || event->target.kind == POINT_FRONT_END)
		return true;
	diag_error(d->diags, decode_place(node, key), "ASE/worker-N, ASE/front-end-N or a host", "`%s` is nothing that stops", text);
	return false;
}

static bool decode_event(struct decoder *d, const struct tree *node, struct event_config *event)
{
	static const char *const kinds[] = {"scale", "move", "link", "stop", "start"};
	const char *kind = NULL;
	bool later = false;
	*event = (struct event_config){.ase = NONE, .place = node->place, .text = ""};
	if (!decode_section(d, node, SECTION_EVENT))
		return false;
	(void)decode_duration(d, node, SECTION_EVENT, "at", &event->at_ns);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (decode_has(node, kinds[i])) {
			event->place = tree_get(node, kinds[i])->key_place;
			kind = kinds[i];
			break;
		}
	for (const struct tree *child = node->kind == TREE_MAP ? node->first : NULL; child; child = child->next)
		later = later || !key_find(SECTION_EVENT, child->key) || key_find(SECTION_EVENT, child->key)->later;
	if (!kind) {
		if (!later) /* a key that was refused already would have said what the event does */
			diag_error(d->diags, node->place, "one of: scale, move, link, stop, start", "the event does nothing");
		return false;
	}
	if (strcmp(kind, "scale") == 0)
		return decode_scale(d, node, event);
	if (strcmp(kind, "move") == 0)
		return decode_move(d, node, event);
	if (strcmp(kind, "link") == 0)
		return decode_link(d, node, event);
	return decode_stop(d, node, kind, event);
}

/* ---- over time: an app cannot move to a worker that is not there then ---- */

static void check_workers(struct decoder *d)
{
	const struct model *model = d->model;
	uint32_t *workers = decode_array(d, model->n_ases, sizeof *workers);
	for (size_t i = 0; workers && i < model->n_ases; i++)
		workers[i] = model->ases[i].workers;
	for (size_t i = 0; workers && i < model->n_events; i++) {
		const struct event_config *event = &model->events[i];
		if (event->kind == EVENT_SCALE)
			workers[event->ase] = event->workers;
		if (event->kind != EVENT_MOVE)
			continue;
		for (size_t k = 0; k < event->n_on; k++)
			if (event->on[k] >= workers[event->ase])
				diag_error(d->diags, event->place, "scale it up first", "`%s` has no `worker-%u` at that time",
					   model->ases[event->ase].name, event->on[k]);
	}
}

/* By time, then in the order of the list, which is that of the addresses. */
static int compare(const void *a, const void *b)
{
	const struct event_config *x = *(const struct event_config *const *)a, *y = *(const struct event_config *const *)b;
	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void sort_by_time(struct decoder *d)
{
	struct model *model = d->model;
	const struct event_config **order = decode_array(d, model->n_events, sizeof *order);
	struct event_config *sorted = decode_array(d, model->n_events, sizeof *sorted);
	if (!order || !sorted)
		return;
	for (size_t i = 0; i < model->n_events; i++)
		order[i] = &model->events[i];
	qsort(order, model->n_events, sizeof *order, compare);
	for (size_t i = 0; i < model->n_events; i++)
		sorted[i] = *order[i];
	model->events = sorted;
}

void decode_timeline(struct decoder *d)
{
	struct model *model = d->model;
	size_t n;
	const struct tree **items = decode_list(d, tree_get(d->root, "timeline"), "`timeline`", false, &n);
	model->events = decode_array(d, n, sizeof *model->events);
	for (size_t i = 0; model->events && i < n; i++)
		if (decode_event(d, items[i], &model->events[model->n_events]))
			model->n_events++;
	if (!model->events)
		return;
	sort_by_time(d);
	check_workers(d);
}

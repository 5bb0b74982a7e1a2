/* DOC: the section `timeline`. Events are kept by time; those of one instant in the order of the file. */
#include "scenario/timeline.h"
#include "model/elements.h"
#include "scenario/firewall.h"
#include "scenario/kinds.h"
#include <stdlib.h>
#include <string.h>

static uint32_t find_ase(struct decoder *d, const struct tree *node, const char *key)
{
	const struct model *model = d->model;
	const char *name = decode_text(d, node, SECTION_EVENT, key);
	uint32_t ase = name ? find_by_name(model->ases, model->n_ases, name) : NONE;
	if (name && ase == NONE)
		unknown_name(d, decode_place(node, key), "environment", name, model->ases, model->n_ases,
			     sizeof *model->ases);
	return ase;
}

static bool decode_scale(struct decoder *d, const struct tree *node, struct event_config *event)
{
	int64_t workers;
	event->kind = EVENT_SCALE;
	event->ase = find_ase(d, node, "scale");
	if (!decode_has(node, "workers"))
		lacks(d, node, "workers: N", "`scale` needs `workers`");
	if (event->ase == NONE || !decode_int(d, node, SECTION_EVENT, "workers", &workers))
		return false;
	event->workers = (uint32_t)workers;
	event->text = arena_printf(d->arena, "scale %s to %u workers", d->model->ases[event->ase].name, event->workers);
	return true;
}

static bool decode_move(struct decoder *d, const struct tree *node, struct event_config *event)
{
	struct endpoint app;
	const char *text = decode_text(d, node, SECTION_EVENT, "move");
	event->kind = EVENT_MOVE;
	if (!decode_has(node, "to")) {
		lacks(d, node, "to: worker-2, or a list", "`move` needs `to`");
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
	const char *text = decode_text(d, node, SECTION_EVENT, "link");
	unsigned state;
	if (!text)
		return false;
	event->has_state = decode_enum(d, node, SECTION_EVENT, "state", &state);
	event->up = event->has_state && state == 0;
	event->has_latency = decode_duration(d, node, SECTION_EVENT, "latency", &event->latency_ns);
	event->has_loss = decode_fraction(d, node, SECTION_EVENT, "loss", &event->loss_parts);
	if (!decode_has(node, "state") && !decode_has(node, "latency") && !decode_has(node, "loss"))
		lacks(d, node, "give `state`, `latency` or `loss`", "the event changes nothing of the link");
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
	const char *text = decode_text(d, node, SECTION_EVENT, key);
	event->kind = strcmp(key, "stop") == 0 ? EVENT_STOP : EVENT_START;
	if (!text || !parse_point(d, text, decode_place(node, key), &event->target))
		return false;
	event->text = arena_printf(d->arena, "%s %s", key, text);
	if (element_traits[element_at(d->model, event->target)->kind].can_stop)
		return true;
	diag_error(d->diags, decode_place(node, key), "ASE/worker-N, ASE/front-end-N or a host",
		   "`%s` cannot be stopped", text);
	return false;
}

static bool decode_vip(struct decoder *d, const struct tree *node, struct event_config *event)
{
	char text[ADDR_TEXT_BYTES];
	event->kind = EVENT_VIP;
	event->ase = find_ase(d, node, "vip");
	if (!decode_has(node, "to")) {
		lacks(d, node, "to: 203.0.113.5, a public address that no element has", "`vip` needs `to`");
		return false;
	}
	if (!decode_address(d, node, SECTION_EVENT, "to", &event->address) || event->ase == NONE)
		return false;
	check_public(d, event->address, decode_place(node, "to"));
	event->text = arena_printf(d->arena, "vip of %s becomes %s", d->model->ases[event->ase].name,
				   addr_print(event->address, text));
	return true;
}

static bool decode_nat_event(struct decoder *d, const struct tree *node, struct event_config *event)
{
	char text[ADDR_TEXT_BYTES];
	const char *name = decode_text(d, node, SECTION_EVENT, "nat");
	const struct tree *forget = tree_get(node, "forget");
	unsigned choice;
	event->kind = EVENT_NAT;
	event->nat = name ? element_find_nat(d->model, name) : NONE;
	if (name && event->nat == NONE)
		unknown_nat(d, decode_place(node, "nat"), name);
	if (!forget) {
		lacks(d, node, "forget: all, or {inside: IP}", "`nat` needs `forget`");
		return false;
	}
	event->forgets_all = forget->kind == TREE_SCALAR;
	if (event->forgets_all ? !decode_enum(d, node, SECTION_EVENT, "forget", &choice)
			       : !decode_section(d, forget, SECTION_FORGET) ||
					 !decode_address(d, forget, SECTION_FORGET, "inside", &event->inside))
		return false;
	if (event->nat == NONE)
		return false;
	event->text = arena_printf(d->arena, "%s forgets %s", name,
				   event->forgets_all ? "all mappings" : addr_print(event->inside, text));
	return true;
}

static bool decode_start(struct decoder *d, const struct tree *node, struct event_config *event)
{
	return decode_stop(d, node, decode_has(node, "stop") ? "stop" : "start", event);
}

static const struct event_type {
	const char *name; /* of the form */
	bool (*decode)(struct decoder *d, const struct tree *node, struct event_config *event);
} event_types[] = {
	{"scale", decode_scale},
	{"move", decode_move},
	{"link", decode_link},
	{"stop", decode_start},
	{"start", decode_start},
	{"nsg", decode_nsg_event},
	{"route", decode_route_event},
	{"vip", decode_vip},
	{"firewall", decode_firewall_event},
	{"nat", decode_nat_event},
	{"address", decode_address_event},
	{"peer", decode_peer_event},
};

/* The event that the item is; false. Kinds of elements have their own (kinds.h). */
static bool find_type(const struct tree *node, struct event_type *ret)
{
	for (size_t i = 0; i < sizeof event_types / sizeof *event_types; i++)
		if (decode_has(node, event_types[i].name)) {
			*ret = event_types[i];
			return true;
		}
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++) {
		const struct kind_loader *loader = kind_loader(kind);
		if (loader->event_key && decode_has(node, loader->event_key)) {
			*ret = (struct event_type){loader->event_key, loader->event};
			return true;
		}
	}
	return false;
}

/* "one of: scale, move, ..." */
static const char *all_types(struct decoder *d)
{
	size_t n;
	const struct form *forms = forms_of(SECTION_EVENT, &n);
	const char *text = "one of: ";
	for (size_t i = 0; i < n && text; i++)
		text = arena_printf(d->arena, "%s%s%s", text, i > 0 ? ", " : "", forms[i].key);
	return text ? text : "";
}

static const struct form *form_of(const struct event_type *type)
{
	size_t n;
	const struct form *form = forms_of(SECTION_EVENT, &n);
	while (strcmp(form->key, type->name) != 0)
		form++;
	return form;
}

static bool decode_event(struct decoder *d, const struct tree *node, struct event_config *event)
{
	*event = (struct event_config){.ase = NONE, .place = node->place, .text = ""};
	if (!decode_section(d, node, SECTION_EVENT))
		return false;
	(void)decode_duration(d, node, SECTION_EVENT, "at", &event->at_ns);
	struct event_type type;
	if (find_type(node, &type)) {
		event->place = tree_get(node, type.name)->key_place;
		only_of_form(d, node, SECTION_EVENT, form_of(&type), "one event an item");
		return type.decode(d, node, event);
	}
	lacks(d, node, all_types(d), "the event does nothing");
	return false;
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
				diag_error(d->diags, event->place, "scale it up first",
					   "`%s` has no `worker-%u` at that time", model->ases[event->ase].name,
					   event->on[k]);
	}
}

/* By time, then in the order of the list. */
struct timed {
	struct event_config event;
	const struct tree *node;
	size_t number;
};

static int compare(const void *a, const void *b)
{
	const struct timed *x = a, *y = b;
	if (x->event.at_ns != y->event.at_ns)
		return x->event.at_ns < y->event.at_ns ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

void decode_timeline(struct decoder *d)
{
	struct model *model = d->model;
	size_t n;
	const struct tree **items = decode_list(d, tree_get(d->root, "timeline"), "`timeline`", false, &n);
	struct timed *timed = decode_array(d, n, sizeof *timed);
	const struct tree **nodes = decode_array(d, n, sizeof *nodes);
	model->events = decode_array(d, n, sizeof *model->events);
	if (!model->events || !timed || !nodes)
		return;
	for (size_t i = 0; i < n; i++) {
		timed[model->n_events].node = items[i];
		timed[model->n_events].number = i;
		if (decode_event(d, items[i], &timed[model->n_events].event))
			model->n_events++;
	}
	if (model->n_events > 1)
		qsort(timed, model->n_events, sizeof *timed, compare);
	for (size_t i = 0; i < model->n_events; i++) {
		model->events[i] = timed[i].event;
		nodes[i] = timed[i].node;
	}
	check_workers(d);
	apply_rule_events(d, nodes);
}

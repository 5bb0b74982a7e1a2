/* DOC: why an environment is not well. Health asks about calls that are not sent; each that fails has a verdict like that
 * of a packet, so its cause comes from the same table as those of packets. No flow is behind it: no key of `flows` is
 * named. */
#include "cause/maker.h"
#include <string.h>

static const char *name_of(enum need need)
{
	switch (need) {
	case NEED_STORAGE:
		return "storage";
	case NEED_SQL:
		return "sql";
	case NEED_MANAGEMENT:
		return "management";
	case NEED_PROBE:
		return "probe";
	}
	return "";
}

void put_names_of_needs(uint32_t needs, struct buf *out)
{
	const char *before = "For ";
	for (uint32_t i = 0; i < N_NEEDS; i++) {
		if (!(needs & 1u << i))
			continue;
		buf_printf(out, "%s%s", before, name_of((enum need)(1u << i)));
		before = ", ";
	}
	buf_puts(out, ": ");
}

/* ---- the call ---- */

static void put_called(const struct model *model, const struct world_need_loss *need, struct buf *out)
{
	bool is_out = need->host != NONE && need->from != NONE &&
		      element_traits[element_at(model, need->from)->kind].owner == OWNER_ENVIRONMENT;
	uint32_t called = is_out ? NONE : element_of_address(model, need->call.dst);
	if (is_out)
		buf_puts(out, model->hosts[need->host].name);
	else if (called != NONE)
		buf_puts(out, element_at(model, called)->name);
	else
		buf_printf(out, "%s/vip", model->ases[need->ase].name);
	buf_puts(out, " (");
	put_end_point(out, need->call.dst, need->call.dst_port, need->call.proto);
	buf_puts(out, ")");
}

void put_call_of_need(const struct model *model, const struct world_need_loss *need, struct buf *out)
{
	char text[ADDR_TEXT_BYTES];
	buf_printf(out, "For %s, ", name_of(need->need));
	if (need->call.proto == 0) {
		buf_printf(out, "a %s of %s is needed. ", need->lacks_worker ? "worker" : "front end",
			   model->ases[need->ase].name);
		return;
	}
	if (need->need == NEED_PROBE)
		buf_printf(out, "Azure's load balancer (%s)", addr_print(need->call.src, text));
	else if (need->from == NONE)
		buf_printf(out, "Azure (%s)", addr_print(need->call.src, text));
	else
		buf_puts(out, element_at(model, need->from)->name);
	buf_puts(out, " calls ");
	put_called(model, need, out);
	buf_puts(out, need->is_answer ? ", and the answer is lost. " : ". ");
}

/* ---- machines ---- */

/* An event that stops one of them, or takes the last of them away. */
static bool ends_one(const struct maker *maker, const struct event_config *event)
{
	const struct world_need_loss *need = maker->need;
	if (event->kind == EVENT_SCALE)
		return need->lacks_worker && event->ase == need->ase && event->workers == 0;
	if (event->kind != EVENT_STOP)
		return false;
	const struct element *element = element_at(maker->model, event->target);
	return element->kind == (need->lacks_worker ? ELEMENT_WORKER : ELEMENT_FRONT_END) &&
	       element->owner == need->ase;
}

void tell_none_runs(struct maker *maker)
{
	const struct world_need_loss *need = maker->need;
	const char *thing = need->lacks_worker ? "worker" : "front end";
	const char *ase = maker->model->ases[need->ase].name;
	const struct event_config *last = NULL;
	for (size_t i = 0; i < maker->model->n_events && maker->model->events[i].at_ns <= maker->step->at.ns; i++)
		if (ends_one(maker, &maker->model->events[i]))
			last = &maker->model->events[i];
	buf_printf(&maker->what, "No %s of %s runs", thing, ase);
	if (!last) {
		buf_puts(&maker->what, ".");
		return;
	}
	buf_puts(&maker->what, " ");
	put_event(maker, last);
	buf_puts(&maker->what, ".");
	buf_printf(&maker->helps, "Keep a %s of %s running: remove that event of `timeline`", thing, ase);
	if (last->kind == EVENT_STOP)
		buf_printf(&maker->helps, ", or start one before (an event `start: %s`)",
			   element_at(maker->model, last->target)->name);
	buf_puts(&maker->helps, ".");
	maker_setting(maker, "timeline");
}

/* ---- what helps ---- */

const char *cause_help_of_need(const struct maker *maker)
{
	if (!maker->need)
		return NULL;
	enum reason reason = maker->step->verdict.reason;
	if (reason == REASON_NO_ROUTE)
		return "Correct the address of the machine (`network.hosts`), or route to where it stands "
		       "(`network.route_tables`).";
	if (reason == REASON_NO_LISTENER)
		return "Let the machine listen on this port (`listen`).";
	if (reason == REASON_VIP_PORT_CLOSED)
		return "Open the port to what calls (`network.ases`).";
	return NULL;
}

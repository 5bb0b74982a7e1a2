/* DOC: losses that the state of machines and links explains: what was stopped, scaled away or cut, since when, and by
 * which event of the timeline. */
#include "base/units.h"
#include "cause/maker.h"
#include <inttypes.h>
#include <string.h>

/* ---- events ---- */

const struct event_config *maker_event(const struct maker *maker)
{
	return event_behind(maker->model, &maker->step->verdict, maker->step->node, maker->step->at);
}

void put_event(struct maker *maker, const struct event_config *event)
{
	buf_puts(&maker->what, "since ");
	put_time(&maker->what, (struct instant){event->at_ns});
	buf_printf(&maker->what, ", by the event `%s`", event->text);
	put_place(&maker->what, event->place);
}

/* ---- machines ---- */

void tell_stopped(struct maker *maker)
{
	const struct event_config *event = maker_event(maker);
	const char *name = maker->at->name;
	if (maker->need && maker->need->call.proto == 0) {
		tell_none_runs(maker);
		return;
	}
	if (!event)
		return;
	maker_setting(maker, "timeline");
	if (event->kind == EVENT_STOP) {
		buf_printf(&maker->what, "%s is stopped ", name);
		put_event(maker, event);
		buf_puts(&maker->what, ".");
		buf_printf(
			&maker->helps,
			"Start it before the packet arrives (an event `start: %s` in `timeline`), or remove the event "
			"that stops it.",
			name);
		return;
	}
	const char *ase = maker->model->ases[event->ase].name;
	buf_printf(&maker->what, "The worker %s is gone ", name);
	put_event(maker, event);
	buf_puts(&maker->what, "; its connections ended with it.");
	buf_printf(
		&maker->helps,
		"Keep more than %u workers of %s in that event of `timeline`, or open a new connection, which another "
		"worker takes.",
		maker->at->number, ase);
}

/* ---- links ---- */

static void put_percent(struct buf *out, uint64_t parts)
{
	uint64_t hundredths = (parts * 10000 + (UINT64_C(1) << 31)) >> 32;
	buf_printf(out, "%" PRIu64, hundredths / 100);
	if (hundredths % 100)
		buf_printf(out, ".%02" PRIu64, hundredths % 100);
	buf_puts(out, "%");
}

static const struct link_config *link_named(const struct maker *maker, const char *name)
{
	for (size_t i = 0; i < LINK_CLASS_COUNT; i++)
		if (strcmp(link_class_name((enum link_class)i), name) == 0)
			return &maker->model->links[i];
	return NULL;
}

static void tell_state(struct maker *maker, const struct link_config *link, const struct event_config *event)
{
	const char *by = maker->step->verdict.by;
	buf_printf(&maker->what, "The link %s is down", by);
	if (event) {
		buf_puts(&maker->what, " ");
		put_event(maker, event);
		buf_puts(&maker->helps,
			 "Set it up again before the packet is sent (an event with `state: up` in `timeline`).");
		maker_setting(maker, "timeline");
	} else if (link) {
		buf_printf(&maker->what, " from the beginning (`network.links.%s.state`)", by);
		buf_printf(&maker->helps, "Set `network.links.%s.state: up`, or set it up by an event of `timeline`.",
			   by);
		maker_setting(maker, "network.links.%s.state", by);
	}
	buf_puts(&maker->what, ": it carries nothing.");
}

static void tell_chance(struct maker *maker, const struct link_config *link, const struct event_config *event)
{
	const char *by = maker->step->verdict.by;
	buf_printf(&maker->what, "The link %s loses ", by);
	put_percent(&maker->what, event ? event->loss_parts : link ? link->loss_parts : 0);
	buf_puts(&maker->what, " of its packets by chance");
	if (event) {
		buf_puts(&maker->what, " ");
		put_event(maker, event);
		buf_puts(&maker->helps, "Lower `loss` in that event of `timeline`.");
		maker_setting(maker, "timeline");
	} else {
		buf_printf(&maker->helps, "Lower `network.links.%s.loss`.", by);
		maker_setting(maker, "network.links.%s.loss", by);
	}
	buf_puts(&maker->what, ".");
}

static void tell_queue(struct maker *maker, const struct link_config *link)
{
	const char *by = maker->step->verdict.by;
	const struct flow_config *flow = maker_flow(maker);
	char size[UNITS_TEXT_BYTES], rate[UNITS_TEXT_BYTES];
	if (!link)
		return;
	buf_printf(&maker->what,
		   "The queue of the link %s is full: it holds %s, and the link sends %s, so more arrives than it "
		   "carries.",
		   by, units_print_size(link->queue_bytes, size), units_print_rate(link->rate_bits_per_s, rate));
	buf_printf(&maker->helps, "Give the link a higher rate or a longer queue (`network.links.%s.rate`, `queue`)",
		   by);
	maker_setting(maker, "network.links.%s.rate", by);
	maker_setting(maker, "network.links.%s.queue", by);
	if (flow) {
		buf_printf(&maker->helps, ", or send less at once (`flows.%s.send`)", flow->name);
		maker_setting(maker, "flows.%s.send", flow->name);
	}
	buf_puts(&maker->helps, ".");
}

void tell_link(struct maker *maker)
{
	const struct link_config *link = link_named(maker, maker->step->verdict.by);
	const struct event_config *event = maker_event(maker);
	if (maker->step->verdict.reason == REASON_LINK_DOWN)
		tell_state(maker, link, event);
	else if (maker->step->verdict.reason == REASON_LINK_LOSS)
		tell_chance(maker, link, event);
	else
		tell_queue(maker, link);
}

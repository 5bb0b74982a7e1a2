/* DOC: what an event of the timeline made of rules and routes: until then a packet such as this one was allowed, or took
 * another way. Rules are judged as they were before each event, the latest first. */
#include "cause/maker.h"

#define LOOKED_AT 100u /* events, from the latest on */

static void put_change(struct maker *maker, const struct event_config *event, const char *rule_before)
{
	buf_puts(&maker->what, " Until ");
	put_time(&maker->what, (struct instant){event->at_ns});
	buf_printf(&maker->what, " rule %s allowed it; the event `%s`", rule_before, event->text);
	put_place(&maker->what, event->place);
	buf_puts(&maker->what, " changed that.");
	buf_puts(&maker->helps, " Or remove that event from `timeline`.");
	maker_setting(maker, "timeline");
}

/* The latest event of these rules that happened, of those before number `*i`; NULL. */
static const struct event_config *event_before(const struct maker *maker, const struct changed_rules *rules, size_t *i)
{
	while ((*i)-- > 0) {
		const struct event_config *event = &maker->model->events[*i];
		if (event->at_ns <= maker->step->at.ns && rules->is_of(event, rules->index))
			return event;
	}
	return NULL;
}

void tell_change(struct maker *maker, const struct changed_rules *rules)
{
	size_t i = maker->model->n_events;
	const struct event_config *event = event_before(maker, rules, &i);
	for (unsigned n = 0; event && n < LOOKED_AT; n++) {
		const struct event_config *before = event_before(maker, rules, &i);
		const char *rule = rules->allowed_by(maker, rules, before);
		if (rule) {
			put_change(maker, event, rule);
			return;
		}
		event = before;
	}
}

/* ---- security groups ---- */

static bool is_of_group(const struct event_config *event, uint32_t nsg)
{
	return event->kind == EVENT_NSG && event->nsg == nsg;
}

static const char *allowed_by(const struct maker *maker, const struct changed_rules *rules,
			      const struct event_config *before)
{
	const struct nsg_rule *rule =
		nsg_judge(before ? &before->rules : &maker->model->nsgs[rules->index].rules,
			  world_tags(maker->world, maker->at->subnet), rules->direction, &maker->step->after);
	return rule->allow ? rule->name : NULL;
}

void tell_group_changed(struct maker *maker, uint32_t nsg, enum nsg_direction direction)
{
	if (maker->at->subnet != NONE)
		tell_change(maker, &(struct changed_rules){is_of_group, allowed_by, nsg, .direction = direction});
}

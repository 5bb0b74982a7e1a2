/* DOC: what an event of the timeline made of rules and routes: until then a packet such as this one was allowed, or took
 * another way. Rules are judged as they were before each event, the latest first. */
#include "cause/maker.h"

void put_change(struct maker *maker, const struct event_config *event, const char *rule_before)
{
	buf_puts(&maker->what, " Until ");
	put_time(&maker->what, (struct instant){event->at_ns});
	buf_printf(&maker->what, " rule %s allowed it; the event `%s`", rule_before, event->text);
	put_place(&maker->what, event->place);
	buf_puts(&maker->what, " changed that.");
	buf_puts(&maker->helps, " Or remove that event from `timeline`.");
	maker_setting(maker, "timeline");
}

const struct event_config *maker_event_of(const struct maker *maker, event_is_of *is_of, uint32_t index, size_t *i)
{
	while ((*i)-- > 0) {
		const struct event_config *event = &maker->model->events[*i];
		if (event->at_ns <= maker->step->at.ns && is_of(event, index))
			return event;
	}
	return NULL;
}

static bool is_of_group(const struct event_config *event, uint32_t nsg)
{
	return event->kind == EVENT_NSG && event->nsg == nsg;
}

void tell_group_changed(struct maker *maker, uint32_t nsg, enum nsg_direction direction)
{
	const struct model *model = maker->model;
	size_t i = model->n_events, k;
	const struct event_config *event = maker_event_of(maker, is_of_group, nsg, &i);
	if (maker->at->subnet == NONE)
		return;
	for (unsigned n = 0; event && n < CHANGES_LOOKED_AT; n++) {
		k = i;
		const struct event_config *before = maker_event_of(maker, is_of_group, nsg, &k);
		const struct nsg_rule *rule =
			nsg_judge(before ? &before->rules : &model->nsgs[nsg].rules,
				  world_tags(maker->world, maker->at->subnet), direction, &maker->step->after);
		if (rule->allow) {
			put_change(maker, event, rule->name);
			return;
		}
		event = before;
		i = k;
	}
}

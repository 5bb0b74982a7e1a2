/* DOC: events of the timeline that change a firewall's rules. As with security groups each event carries the complete
 * rules from then on; what an event says is decoded when all earlier ones are applied. */
#include "scenario/firewall.h"
#include "scenario/keys_internal.h"
#include "scenario/timeline.h"
#include <string.h>

bool decode_firewall_event(struct decoder *d, const struct tree *node, struct event_config *event)
{
	const struct model *model = d->model;
	const char *name = decode_text(d, node, SECTION_EVENT, "firewall"),
		   *rule = decode_text(d, node, SECTION_EVENT, "rule");
	event->kind = EVENT_FIREWALL;
	event->firewall = name ? find_by_name(model->firewalls, model->n_firewalls, name) : NONE;
	if (name && event->firewall == NONE)
		unknown_name(d, decode_place(node, "firewall"), "firewall", name, model->firewalls, model->n_firewalls,
			     sizeof *model->firewalls);
	if (decode_has(node, "set") + decode_has(node, "add") + decode_has(node, "remove") != 1) {
		lacks(d, node,
		      "give `rule: COLLECTION/RULE` with `set: {...}` or `remove: true`, or `add: {collection, "
		      "name, ...}`",
		      "`firewall` needs one of `set`, `add`, `remove`");
		return false;
	}
	if (!decode_has(node, "add") && !rule) {
		lacks(d, node, "rule: COLLECTION/RULE", "`firewall` does not say which rule");
		return false;
	}
	event->text = arena_printf(d->arena, "firewall %s: %s %s", name ? name : "",
				   decode_has(node, "set")   ? "set"
				   : decode_has(node, "add") ? "add"
							     : "remove",
				   rule ? rule : "a rule");
	return event->firewall != NONE;
}

/* A copy with room for one more collection, and one more rule in each. */
static bool copy_rules(struct decoder *d, const struct firewall_rules *from, struct firewall_rules *ret)
{
	*ret = (struct firewall_rules){.collections = decode_array(d, from->n + 1, sizeof *ret->collections),
				       .n = from->n};
	for (size_t i = 0; ret->collections && i < from->n; i++) {
		struct firewall_collection *to = &ret->collections[i];
		*to = from->collections[i];
		to->rules = decode_array(d, to->n_rules + 1, sizeof *to->rules);
		if (!to->rules)
			return false;
		memcpy(to->rules, from->collections[i].rules, to->n_rules * sizeof *to->rules);
	}
	return ret->collections;
}

/* "COLLECTION/RULE", or "COLLECTION" alone; says so where it is not there. *ret_rule: NULL for a collection. */
static struct firewall_collection *find(struct decoder *d, const struct firewall_rules *rules, const char *path,
					struct place place, struct firewall_rule **ret_rule)
{
	const char *slash = strchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : strlen(path);
	*ret_rule = NULL;
	for (size_t i = 0; i < rules->n; i++) {
		struct firewall_collection *collection = &rules->collections[i];
		if (strlen(collection->name) != n || strncmp(collection->name, path, n) != 0)
			continue;
		for (size_t k = 0; slash && k < collection->n_rules; k++)
			if (strcmp(collection->rules[k].name, slash + 1) == 0)
				*ret_rule = &collection->rules[k];
		if (!slash || *ret_rule)
			return collection;
	}
	const char *hint = rules->n == 0 ? "the firewall has no rule at that time"
			   : rules->collections[0].n_rules > 0
				   ? arena_printf(d->arena, "there is `%s`", rules->collections[0].rules[0].path)
				   : arena_printf(d->arena, "there is `%s`", rules->collections[0].name);
	diag_error(d->diags, place, hint, "the firewall has no rule `%s` at that time", path);
	return NULL;
}

static void remove_rule(struct decoder *d, const struct tree *node, struct firewall_rules *rules)
{
	struct firewall_rule *rule;
	struct firewall_collection *collection =
		find(d, rules, decode_text(d, node, SECTION_EVENT, "rule"), decode_place(node, "rule"), &rule);
	if (!collection)
		return;
	if (rule) {
		size_t at = (size_t)(rule - collection->rules);
		memmove(rule, rule + 1, (collection->n_rules - at - 1) * sizeof *rule);
		collection->n_rules--;
	} else {
		size_t at = (size_t)(collection - rules->collections);
		memmove(collection, collection + 1, (rules->n - at - 1) * sizeof *collection);
		rules->n--;
	}
}

static void set_rule(struct decoder *d, const struct tree *node, struct firewall_rules *rules)
{
	const struct tree *set = tree_get(node, "set");
	struct firewall_rule *rule;
	unsigned action = 0;
	struct firewall_collection *collection =
		find(d, rules, decode_text(d, node, SECTION_EVENT, "rule"), decode_place(node, "rule"), &rule);
	if (!collection || !decode_section(d, set, SECTION_FIREWALL_CHANGE))
		return;
	if (decode_has(set, "action")) {
		if (rule && collection->n_rules > 1)
			diag_error(d->diags, decode_place(set, "action"),
				   arena_printf(d->arena, "write `rule: %s`, or add a rule to a collection that denies",
						collection->name),
				   "an action is that of a collection, and `%s` has other rules", collection->name);
		else if (decode_enum(d, set, SECTION_FIREWALL_CHANGE, "action", &action))
			collection->allow = action == 0;
	}
	if (rule)
		firewall_change_rule(d, set, collection, rule);
}

static void add_rule(struct decoder *d, const struct tree *node, struct firewall_rules *rules)
{
	const struct tree *add = tree_get(node, "add");
	const char *path = decode_text(d, node, SECTION_EVENT, "rule"), *slash = path ? strchr(path, '/') : NULL;
	struct firewall_rule *rule;
	if (!decode_section(d, add, SECTION_FIREWALL_CHANGE))
		return;
	const char *name = slash ? slash + 1 : decode_text(d, add, SECTION_FIREWALL_CHANGE, "name");
	const char *of = slash ? arena_strndup(d->arena, path, (size_t)(slash - path))
			       : decode_text(d, add, SECTION_FIREWALL_CHANGE, "collection");
	if (!name || !of) {
		diag_error(d->diags, add->place, "add: {collection: NAME, name: NAME, ...}",
			   "`add` needs `collection` and `name`");
		return;
	}
	struct firewall_collection *collection = find(d, rules, of, add->place, &rule);
	if (!collection)
		return;
	struct firewall_rule *added = &collection->rules[collection->n_rules];
	for (size_t i = 0; i < collection->n_rules; i++)
		if (strcmp(collection->rules[i].name, name) == 0)
			diag_error(d->diags, add->place, "choose another name", "rule `%s` is there at that time",
				   collection->rules[i].path);
	check_azure_name(d, name, add->place);
	firewall_new_rule(d, add, collection, name, add->place, added);
	collection->n_rules++;
}

void apply_firewall_event(struct decoder *d, const struct tree *node, size_t index)
{
	struct event_config *event = &d->model->events[index];
	const struct firewall_rules *before = &d->model->firewalls[event->firewall].rules;
	for (size_t k = 0; k < index; k++)
		if (d->model->events[k].kind == EVENT_FIREWALL && d->model->events[k].firewall == event->firewall)
			before = &d->model->events[k].firewall_rules;
	if (!copy_rules(d, before, &event->firewall_rules))
		return;
	event->changes = true;
	if (decode_has(node, "remove"))
		remove_rule(d, node, &event->firewall_rules);
	else if (decode_has(node, "set"))
		set_rule(d, node, &event->firewall_rules);
	else
		add_rule(d, node, &event->firewall_rules);
}

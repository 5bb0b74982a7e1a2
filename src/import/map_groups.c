/* DOC: network security groups, their rules in all forms (one, lists, tags, application groups), and the application
 * groups. Azure's own default rules are not imported: the model has them. A tag that is not known never becomes `any`:
 * where the language has tags of one's own it gets a stand-in, elsewhere it is left out, and a rule of nothing else with
 * it. */
#include "import/map.h"
#include "net/prefix.h"
#include <stdlib.h>
#include <string.h>

const char *map_tag_word(const char *tag)
{
	static const struct {
		const char *azure, *word;
	} tags[] = {{"*", "any"},
		    {"Any", "any"},
		    {"0.0.0.0/0", "any"},
		    {"VirtualNetwork", "virtual-network"},
		    {"Internet", "internet"},
		    {"AzureLoadBalancer", "azure-load-balancer"},
		    {"Storage", "storage"},
		    {"Sql", "sql"},
		    {"AppServiceManagement", "azure-management"},
		    /* of the classic deployment model, as old templates spell them */
		    {"VIRTUAL_NETWORK", "virtual-network"},
		    {"AZURE_LOADBALANCER", "azure-load-balancer"}};
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (text_same(tag, tags[i].azure))
			return tags[i].word;
	return NULL;
}

static bool is_azure_tag(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
	return n > 0 && !text[n] && ((*text >= 'A' && *text <= 'Z') || (*text >= 'a' && *text <= 'z'));
}

bool map_tag(struct map *map, struct js *at, const char *tag, const char *what)
{
	if (!knows("network.tags") || !is_azure_tag(tag)) {
		note_prop(map->import, SEVERITY_CHANGES, at, "%s: `%s` is neither a prefix nor a tag that is known",
			  what, tag);
		return false;
	}
	const char *given = address_of(map->import, tag);
	if (doc_get(map->tags, tag))
		return true;
	struct doc *prefixes = doc_list(map->store, map->tags, tag, true);
	prefixes->from = at;
	prefixes->what = store_printf(map->store, "tag %s", tag);
	doc_scalar(map->store, prefixes, NULL,
		   given ? given : store_printf(map->store, "192.0.2.%u/32", map->next_public++ % 256));
	if (given)
		return true;
	const char *option = store_printf(map->store, "--address %s=PREFIX", tag);
	prefixes->comment = store_printf(map->store, "ASSUMED: a stand-in for Azure's prefixes. %s", option);
	note(map->import, SEVERITY_CHANGES, at, "tag %s: its prefixes are not in the input; a stand-in is", tag);
	assume(map->import, at, option, "tag %s: a stand-in prefix", tag);
	return true;
}

const char *map_service_tag(struct map *map, struct js *at, const char *what)
{
	static const char *const services[] = {"storage", "sql", "azure-management"};
	const char *text = js_string(at), *word = text && !at->why ? map_tag_word(text) : NULL;
	for (size_t i = 0; word && i < sizeof services / sizeof *services; i++)
		if (strcmp(word, services[i]) == 0) {
			at->mark = MARK_USED;
			return word;
		}
	if (word || !text || at->why || !is_azure_tag(text))
		return NULL;
	at->mark = MARK_USED;
	return map_tag(map, at, text, what) ? text : NULL;
}

/* ---- the ends of a rule ---- */

static void put_end(struct map *map, struct doc *list, struct js *at, const char *what, bool *any)
{
	char printed[PREFIX_TEXT_BYTES];
	struct prefix prefix;
	const char *text = js_string(at), *word = text && !at->why ? map_tag_word(text) : NULL;
	if (word) {
		at->mark = MARK_USED;
		*any = *any || strcmp(word, "any") == 0;
		doc_scalar(map->store, list, NULL, word);
		return;
	}
	if (text && !at->why && !map_is_ipv6(text) && (*text < '0' || *text > '9')) {
		at->mark = MARK_USED;
		if (map_tag(map, at, text, what))
			doc_scalar(map->store, list, NULL, text);
		return;
	}
	if (map_prefix(map, at, what, &prefix))
		doc_scalar(map->store, list, NULL, store_printf(map->store, "%s", prefix_print(prefix, printed)));
}

static void put_asgs(struct map *map, struct doc *list, struct js *groups, const char *what)
{
	each_item(item, groups)
	{
		const char *id = prop_id(item, "id");
		struct resource *group = resource_find(map->import, id, "applicationSecurityGroups");
		if (group && group->given)
			doc_scalar(map->store, list, NULL, store_printf(map->store, "asg/%s", group->given));
		else
			note_prop(map->import, SEVERITY_CHANGES, item, "%s: application group %s%s", what, id ? id : "",
				  knows("network.asgs") ? ", which is not among the inputs" : "");
	}
}

/* Azure wants it of each rule; an input that was cut may have none. */
static void note_absent(struct map *map, struct js *body, const char *what, const char *property)
{
	note(map->import, SEVERITY_CHANGES, body, "%s: it has no %s; any is taken", what, property);
}

/* "src": of sourceAddressPrefix, sourceAddressPrefixes and sourceApplicationSecurityGroups. False: it is about nothing
 * that the scenario has. */
static bool put_side(struct map *map, struct doc *rule, struct js *body, const char *key, const char *side,
		     const char *what)
{
	struct doc *list = doc_list(map->store, rule, key, true);
	bool any = false;
	struct js *one = prop(body, store_printf(map->store, "%sAddressPrefix", side)),
		  *many = prop(body, store_printf(map->store, "%sAddressPrefixes", side)),
		  *groups = prop(body, store_printf(map->store, "%sApplicationSecurityGroups", side));
	if (one && !(one->kind == JS_STRING && !*one->text && !one->why))
		put_end(map, list, one, what, &any);
	each_item(item, many) put_end(map, list, item, what, &any);
	put_asgs(map, list, groups, what);
	bool none = !(one && (one->why || one->kind != JS_STRING || *one->text)) &&
		    (!many || (many->kind == JS_ARRAY && !many->n)) && (!groups || !groups->n);
	if (none)
		note_absent(map, body, what, store_printf(map->store, "%sAddressPrefix", side));
	if (any || none) {
		list->dropped = true;
		return true;
	}
	if (list->first && !list->first->next) { /* one needs no list */
		list->kind = DOC_SCALAR;
		list->text = list->first->text;
	}
	return list->first;
}

/* "443-443" is 443. */
static const char *port_text(struct map *map, const char *text, size_t n)
{
	const char *whole = store_text(map->store, text, n), *dash = strchr(whole, '-');
	size_t first = dash ? (size_t)(dash - whole) : 0;
	return dash && strlen(dash + 1) == first && strncmp(whole, dash + 1, first) == 0 ? dash + 1 : whole;
}

static bool put_port(struct map *map, struct doc *list, struct js *at, const char *what, bool *any)
{
	const char *text = js_string(at);
	if (!text || js_is_unknown(at)) {
		need(map->import, at, what);
		return false;
	}
	at->mark = MARK_USED;
	*any = *any || strcmp(text, "*") == 0 || strcmp(text, "0-65535") == 0 || text_same(text, "any");
	/* Old templates have lists in one text. */
	while (*text) {
		size_t n = strcspn(text, ",");
		while (n > 0 && *text == ' ')
			text++, n--;
		if (n > 0)
			doc_scalar(map->store, list, NULL, port_text(map, text, n));
		text += n + (text[n] == ',');
	}
	return true;
}

static bool put_ports(struct map *map, struct doc *rule, struct js *body, const char *key, const char *side,
		      const char *what)
{
	struct doc *list = doc_list(map->store, rule, key, true);
	bool any = false, good = true, some = false;
	struct js *one = prop(body, store_printf(map->store, "%sPortRange", side)),
		  *many = prop(body, store_printf(map->store, "%sPortRanges", side));
	if (one && !(one->kind == JS_STRING && !*one->text && !one->why)) {
		good = put_port(map, list, one, what, &any);
		some = true;
	}
	each_item(item, many)
	{
		good = put_port(map, list, item, what, &any) && good;
		some = true;
	}
	if (!some && strcmp(side, "destination") == 0)
		note_absent(map, body, what, "destinationPortRange");
	if (any || !some)
		list->dropped = true;
	else if (list->first && !list->first->next) {
		list->kind = DOC_SCALAR;
		list->text = list->first->text;
	}
	return good || list->first;
}

/* ---- rules ---- */

static const char *proto_word(struct map *map, struct js *body, const char *what, bool *ret_good)
{
	struct js *at = prop(body, "protocol");
	const char *text = js_string(at);
	*ret_good = true;
	if (!at)
		note_absent(map, body, what, "protocol");
	if (!text || strcmp(text, "*") == 0 || text_same(text, "any"))
		return NULL;
	if (text_same(text, "tcp") || text_same(text, "udp") || text_same(text, "icmp"))
		return store_lower(map->store, text);
	*ret_good = false;
	if (js_is_unknown(at))
		need(map->import, at, what);
	else
		note_prop(map->import, SEVERITY_MAY, at, "%s: a rule of protocol %s", what, text);
	return NULL;
}

struct placed_rule {
	struct js *body;
	const char *label;
	int64_t priority;
	bool outbound;
};

static bool read_rule(struct map *map, const struct child *child, const char *what, struct placed_rule *ret)
{
	const char *direction = prop_text(child->body, "direction");
	*ret = (struct placed_rule){child->body, child->label, 0, direction && text_same(direction, "outbound")};
	if (!prop_int(child->body, "priority", &ret->priority)) {
		need(map->import, prop(child->body, "priority") ? prop(child->body, "priority") : child->body,
		     store_printf(map->store, "%s: its priority", what));
		return false;
	}
	if (!direction || (!text_same(direction, "inbound") && !ret->outbound)) {
		need(map->import, prop(child->body, "direction") ? prop(child->body, "direction") : child->body,
		     store_printf(map->store, "%s: its direction", what));
		return false;
	}
	return true;
}

static void put_rule(struct map *map, struct doc *list, const char *group, const struct placed_rule *rule)
{
	const char *name = map_name(map, store_printf(map->store, "rules of %s", group), rule->label);
	const char *what = store_printf(map->store, "%s: rule %s", group, name);
	struct js *access = prop(rule->body, "access");
	const char *action = js_string(access);
	struct doc *doc = doc_map(map->store, list, NULL, true);
	bool good;
	doc->from = rule->body;
	doc->what = what;
	doc->comment = map_where(map, name, rule->label, rule->body);
	doc_scalar(map->store, doc, "name", name);
	doc_scalar(map->store, doc, "priority", store_printf(map->store, "%lld", (long long)rule->priority));
	if (!action || (!text_same(action, "allow") && !text_same(action, "deny"))) {
		need(map->import, access ? access : rule->body, store_printf(map->store, "%s: its access", what));
		doc->dropped = true;
		return;
	}
	doc_scalar(map->store, doc, "action", store_lower(map->store, action));
	const char *proto = proto_word(map, rule->body, what, &good);
	if (proto)
		doc_scalar(map->store, doc, "proto", proto);
	good = put_side(map, doc, rule->body, "src", "source", what) && good;
	good = put_ports(map, doc, rule->body, "src_ports", "source", what) && good;
	good = put_side(map, doc, rule->body, "dst", "destination", what) && good;
	good = put_ports(map, doc, rule->body, "dst_ports", "destination", what) && good;
	if (good) {
		map_source(map, doc, rule->body);
		return;
	}
	doc->dropped = true;
	note(map->import, SEVERITY_MAY, rule->body, "%s (%s %s): left out, as nothing of it is known", what,
	     rule->outbound ? "outbound" : "inbound", action);
	mark_all(rule->body, MARK_USED);
}

static int by_priority(const void *a, const void *b)
{
	const struct placed_rule *x = a, *y = b;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return x->body->line < y->body->line ? -1 : x->body->line > y->body->line;
}

static void put_group(struct map *map, struct resource *group)
{
	size_t n_children, n = 0;
	struct child *children =
		map_children(map, group, "securityRules", "networkSecurityGroups/securityRules", &n_children);
	struct placed_rule *rules = store_array(map->store, n_children, sizeof *rules);
	group->mapped = true;
	group->given = map_name(map, "nsgs", group->label);
	struct doc *doc = map_object(map, map->nsgs, group->given, group->label, group->body);
	map_source(map, doc, group->body);
	for (size_t i = 0; rules && i < n_children; i++)
		n += read_rule(map, &children[i],
			       store_printf(map->store, "%s: rule %s", group->given, children[i].label), &rules[n]);
	if (rules)
		qsort(rules, n, sizeof *rules, by_priority);
	for (int outbound = 0; rules && outbound < 2; outbound++) {
		struct doc *list = doc_list(map->store, doc, outbound ? "outbound" : "inbound", false);
		for (size_t i = 0; i < n; i++)
			if (rules[i].outbound == (outbound == 1))
				put_rule(map, list, group->given, &rules[i]);
		list->dropped = doc_is_empty(list);
	}
	doc->flow = doc_is_empty(doc);
}

void map_groups(struct map *map)
{
	struct import *import = map->import;
	for (size_t i = 0; knows("network.asgs") && i < import->n_resources; i++) {
		struct resource *at = import->resources[i];
		if (!resource_is(at, "applicationSecurityGroups"))
			continue;
		at->mapped = true;
		at->given = map_name(map, "asgs", at->label);
		doc_scalar(map->store, map->asgs, NULL, at->given);
	}
	for (size_t i = 0; i < import->n_resources; i++)
		if (resource_is(import->resources[i], "networkSecurityGroups") && !import->resources[i]->existing)
			put_group(map, import->resources[i]);
}

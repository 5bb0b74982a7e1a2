/* DOC: Azure firewalls: their classic rules, or those of their policy with its collection groups, of the base policy
 * first. A scenario numbers the collections of a kind in the order in which the firewall asks them. Groups of addresses
 * (ipGroups) are written out. A rule that uses what the language does not have is left out, and noted. */
#include "import/map.h"
#include <stdlib.h>
#include <string.h>

enum kind { KIND_DNAT, KIND_NETWORK, KIND_APPLICATION, KIND_COUNT };
static const char *const kind_keys[KIND_COUNT] = {"dnat", "network", "application"};

struct collection {
	struct js *body;
	const char *label;
	enum kind kind;
	int64_t level, group, priority; /* of base policies first */
	size_t order;
};

struct firewall {
	struct resource *resource;
	struct collection *collections;
	size_t n;
	size_t n_public;
};

/* ---- gathering collections ---- */

static void add(struct map *map, struct firewall *f, struct js *body, const char *label, enum kind kind, int64_t level,
		int64_t group)
{
	void *items = f->collections;
	int64_t priority = 0;
	(void)prop_int(body, "priority", &priority);
	if (!store_grow(map->store, &items, f->n, sizeof *f->collections))
		return;
	f->collections = items;
	f->collections[f->n] = (struct collection){body, label, kind, level, group, priority, f->n};
	f->n++;
}

static void gather_classic(struct map *map, struct firewall *f)
{
	static const struct {
		const char *path;
		enum kind kind;
	} paths[] = {{"natRuleCollections", KIND_DNAT},
		     {"networkRuleCollections", KIND_NETWORK},
		     {"applicationRuleCollections", KIND_APPLICATION}};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		size_t n;
		struct child *children = map_children(map, f->resource, paths[i].path,
						      store_printf(map->store, "azureFirewalls/%s", paths[i].path), &n);
		for (size_t k = 0; k < n; k++)
			add(map, f, children[k].body, children[k].label, paths[i].kind, 0, 0);
	}
}

static enum kind kind_of(struct js *collection)
{
	const char *type = prop_text(collection, "ruleCollectionType");
	struct js *rules = prop(collection, "rules"), *first = rules && rules->kind == JS_ARRAY ? rules->first : NULL;
	const char *rule = first ? prop_text(first, "ruleType") : NULL;
	if (type && text_holds(type, "Nat"))
		return KIND_DNAT;
	return rule && text_same(rule, "ApplicationRule") ? KIND_APPLICATION : KIND_NETWORK;
}

static void gather_policy(struct map *map, struct firewall *f, const char *id, unsigned depth)
{
	size_t n;
	struct resource *policy = resource_find(map->import, id, "firewallPolicies");
	if (!policy || policy->existing || depth > 4) {
		note(map->import, SEVERITY_CHANGES, f->resource->body, "%s: its policy %s is not among the inputs",
		     f->resource->given, id ? id : "");
		return;
	}
	const char *base = prop_id(policy->body, "basePolicy");
	policy->mapped = true;
	if (base)
		gather_policy(map, f, base, depth + 1);
	struct child *groups =
		map_children(map, policy, "ruleCollectionGroups", "firewallPolicies/ruleCollectionGroups", &n);
	for (size_t i = 0; i < n; i++) {
		int64_t priority = 0;
		(void)prop_int(groups[i].body, "priority", &priority);
		each_item(item, prop(groups[i].body, "ruleCollections"))
		{
			const char *name = prop_text(item, "name");
			add(map, f, item, name ? name : "collection", kind_of(item), -(int64_t)depth, priority);
		}
	}
}

static int by_turn(const void *a, const void *b)
{
	const struct collection *x = a, *y = b;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* ---- the parts of a rule ---- */

/* `takes_tags`: a destination of a network rule may be a service tag. */
static bool put_address(struct map *map, struct doc *list, struct js *at, const char *what, bool takes_tags, bool *any)
{
	char printed[PREFIX_TEXT_BYTES];
	struct prefix prefix;
	const char *text = js_string(at);
	if (text && !at->why && strcmp(text, "*") == 0) {
		at->mark = MARK_USED;
		*any = true;
		return true;
	}
	const char *tag = takes_tags ? map_service_tag(map, at, what) : NULL;
	if (tag) {
		doc_scalar(map->store, list, NULL, tag);
		return true;
	}
	if (!map_prefix(map, at, what, &prefix))
		return false;
	doc_scalar(map->store, list, NULL, store_printf(map->store, "%s", prefix_print(prefix, printed)));
	*any = *any || prefix.length == 0;
	return true;
}

static bool put_groups(struct map *map, struct doc *list, struct js *groups, const char *what, bool *any)
{
	bool good = true;
	each_item(item, groups)
	{
		const char *id = js_string(item) ? js_string(item) : prop_id(item, "id");
		struct resource *group = resource_find(map->import, id, "ipGroups");
		item->mark = MARK_USED;
		if (!group || group->existing) {
			note_prop(map->import, SEVERITY_CHANGES, item,
				  "%s: a group of addresses, which is not among the inputs", what);
			good = false;
			continue;
		}
		group->mapped = true;
		each_item(address, prop(group->body, "ipAddresses")) good =
			put_address(map, list, address, what, false, any) && good;
		each_item(part, prop(group->body, "cidrs")) /* of Terraform's resources of one prefix each */
			good = put_address(map, list, prop(part, "cidr"), what, false, any) && good;
	}
	return good;
}

/* Azure wants it of each rule; an input that was cut may have none. */
static void note_absent(struct map *map, struct js *body, const char *what, const char *property)
{
	note(map->import, SEVERITY_CHANGES, body, "%s: it has no %s; any is taken", what, property);
}

/* "source" and "destination". False where a part of it is not known. */
static bool put_side(struct map *map, struct doc *rule, struct js *body, const char *key, const char *side,
		     const char *what, bool takes_tags)
{
	struct doc *list = doc_list(map->store, rule, key, true);
	bool any = false, good = true;
	each_item(item, prop(body, store_printf(map->store, "%sAddresses", side))) good =
		put_address(map, list, item, what, takes_tags, &any) && good;
	good = put_groups(map, list, prop(body, store_printf(map->store, "%sIpGroups", side)), what, &any) && good;
	bool named = prop(body, "destinationFqdns") && *side == 'd';
	if (good && !any && !list->first && !named)
		note_absent(map, body, what, store_printf(map->store, "%sAddresses", side));
	list->dropped = any || !list->first;
	return good;
}

static bool put_ports(struct map *map, struct doc *rule, struct js *body, const char *what)
{
	struct doc *list = doc_list(map->store, rule, "dst_ports", true);
	bool any = false, good = true;
	each_item(item, prop(body, "destinationPorts"))
	{
		const char *text = js_string(item);
		item->mark = MARK_USED;
		good = good && text && !item->why;
		any = any || (text && (strcmp(text, "*") == 0 || strcmp(text, "0-65535") == 0));
		if (text)
			doc_scalar(map->store, list, NULL, text);
	}
	if (good && !list->first)
		note_absent(map, body, what, "destinationPorts");
	list->dropped = any || !list->first;
	return good;
}

/* ipProtocols of policies, protocols of classic rules. */
static void put_protocols(struct map *map, struct doc *rule, struct js *body, const char *what)
{
	struct js *list = prop(body, "ipProtocols") ? prop(body, "ipProtocols") : prop(body, "protocols");
	struct doc *protos = doc_list(map->store, rule, "proto", true);
	bool any = false;
	each_item(item, list)
	{
		const char *text = js_string(item);
		item->mark = MARK_USED;
		any = any || !text || text_same(text, "Any");
		if (text)
			doc_scalar(map->store, protos, NULL, store_lower(map->store, text));
	}
	if (!any && protos->first)
		return;
	if (!any)
		note_absent(map, body, what, "ipProtocols");
	protos->first = protos->last = NULL;
	doc_scalar(map->store, protos, NULL, "any");
}

/* [{protocolType: Https, port: 443}]; other ports are not the language's. */
static bool put_application_protocols(struct map *map, struct doc *rule, struct js *body, const char *what)
{
	static const struct {
		const char *azure, *word;
		int64_t port;
	} words[] = {{"Http", "http", 80}, {"Https", "https", 443}, {"Mssql", "mssql", 1433}};
	struct doc *protos = doc_list(map->store, rule, "proto", true);
	each_item(item, prop(body, "protocols"))
	{
		int64_t port = 0;
		const char *type =
			prop_text(item, "protocolType") ? prop_text(item, "protocolType") : prop_text(item, "type");
		bool known = false;
		(void)prop_int(item, "port", &port);
		for (size_t i = 0; type && i < sizeof words / sizeof *words; i++) {
			if (!text_same(type, words[i].azure))
				continue;
			known = port == 0 || port == words[i].port;
			if (known)
				doc_scalar(map->store, protos, NULL, words[i].word);
		}
		if (!known)
			note_prop(map->import, SEVERITY_CHANGES, item, "%s: %s on port %lld", what,
				  type ? type : "a protocol", (long long)port);
	}
	return protos->first;
}

static bool put_names(struct map *map, struct doc *rule, struct js *body, const char *what)
{
	static const char *const others[] = {"fqdnTags", "targetUrls", "webCategories"};
	struct doc *names = doc_list(map->store, rule, "fqdns", true);
	each_item(item, prop(body, "targetFqdns"))
	{
		item->mark = MARK_USED;
		if (js_string(item) && !item->why)
			doc_scalar(map->store, names, NULL, js_string(item));
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct js *at = prop(body, others[i]);
		if (at && at->n > 0)
			note_prop(map->import, SEVERITY_CHANGES, at, "%s: %s", what, others[i]);
	}
	return names->first;
}

/* The machine that has the address, or the address itself. */
static bool put_target(struct map *map, struct doc *rule, struct js *body, const char *what)
{
	be32 addr;
	const char *text = prop_text(body, "translatedAddress"), *port = prop_text(body, "translatedPort");
	if (!text || !port || !addr_parse(text, &addr)) {
		note_prop(map->import, SEVERITY_CHANGES, body, "%s: where it leads is not known", what);
		return false;
	}
	for (size_t i = 0; i < map->n_machines; i++)
		if (be32_equal(map->machines[i].addr, addr)) {
			text = map->machines[i].given;
			if (map->machines[i].doc)
				map_listen(map, map->machines[i].doc, store_printf(map->store, "%s/tcp", port));
			break;
		}
	doc_scalar(map->store, rule, "to", store_printf(map->store, "%s:%s", text, port));
	return true;
}

/* What a rule lets in from the Internet: its first address and port. */
static void enter(struct map *map, const char *firewall, const struct doc *rule, const char *name, struct js *body)
{
	const struct doc *to = doc_get(rule, "dst"), *ports = doc_get(rule, "dst_ports"),
			 *proto = doc_get(rule, "proto");
	if (!to || !to->first || !ports || !ports->first)
		return;
	const char *word = proto && proto->first ? proto->first->text : "tcp";
	map_entry(map, store_printf(map->store, "%s-%s", firewall, name),
		  store_printf(map->store, "%.*s:%.*s/%s", (int)strcspn(to->first->text, "/"), to->first->text,
			       (int)strcspn(ports->first->text, "-"), ports->first->text,
			       strcmp(word, "udp") == 0 ? "udp" : "tcp"),
		  body);
}

/* ---- rules and collections ---- */

static void put_rule(struct map *map, const char *firewall, struct doc *rules, const struct collection *c,
		     struct js *body, const char *collection)
{
	const char *label = prop_text(body, "name");
	const char *name = map_name(map, store_printf(map->store, "rules of %s", collection), label ? label : "rule"),
		   *what = store_printf(map->store, "%s: rule %s", collection, name);
	struct doc *rule = doc_map(map->store, rules, NULL, true);
	rule->from = body;
	rule->what = what;
	rule->comment = map_where(map, name, label, body);
	doc_scalar(map->store, rule, "name", name);
	(void)prop(body, "ruleType"); /* the collection's: kind_of() */
	bool good = true;
	if (c->kind == KIND_APPLICATION) {
		good = put_application_protocols(map, rule, body, what);
		good = put_side(map, rule, body, "src", "source", what, false) && good;
		good = put_names(map, rule, body, what) && good;
	} else {
		struct js *names = prop(body, "destinationFqdns");
		put_protocols(map, rule, body, what);
		good = put_side(map, rule, body, "src", "source", what, false);
		good = put_side(map, rule, body, "dst", "destination", what, c->kind == KIND_NETWORK) && good;
		good = put_ports(map, rule, body, what) && good;
		if (c->kind == KIND_DNAT)
			good = put_target(map, rule, body, what) && good;
		if (names && names->n > 0) {
			note_prop(map->import, SEVERITY_CHANGES, names, "%s: names as destinations", what);
			good = false;
		}
	}
	if (knows("network.firewalls.rules.network.rules.source"))
		map_source(map, rule, body);
	if (good && c->kind == KIND_DNAT)
		enter(map, firewall, rule, name, body);
	if (good)
		return;
	rule->dropped = true;
	note_prop(map->import, SEVERITY_CHANGES, body, "%s: left out", what);
}

static void put_collection(struct map *map, struct doc *list, const struct firewall *f, const struct collection *c,
			   size_t number)
{
	const char *action = prop_text(c->body, "action.type");
	struct js *rules = prop(c->body, "rules");
	const char *name = map_name(map, store_printf(map->store, "collections of %s", f->resource->given), c->label);
	struct doc *doc = doc_map(map->store, list, NULL, false), *inside;
	doc->from = c->body;
	doc->what = store_printf(map->store, "%s: collection %s", f->resource->given, name);
	doc->comment = map_where(map, name, c->label, c->body);
	doc->flow = true;
	doc_scalar(map->store, doc, "name", name);
	doc_scalar(map->store, doc, "priority", store_printf(map->store, "%zu", 100 + number));
	if (c->kind != KIND_DNAT)
		doc_scalar(map->store, doc, "action", action && text_same(action, "Deny") ? "deny" : "allow");
	inside = doc_list(map->store, doc, "rules", true);
	each_item(rule, rules) put_rule(map, f->resource->given, inside, c, rule, doc->what);
	doc->dropped = doc_is_empty(inside);
}

static void put_rules(struct map *map, struct doc *doc, struct firewall *f)
{
	struct doc *rules = doc_map(map->store, doc, "rules", false);
	if (f->n > 1)
		qsort(f->collections, f->n, sizeof *f->collections, by_turn);
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		struct doc *list = doc_list(map->store, rules, kind_keys[kind], false);
		size_t number = 0;
		for (size_t i = 0; i < f->n; i++)
			if ((int)f->collections[i].kind == kind)
				put_collection(map, list, f, &f->collections[i], number++);
		list->dropped = doc_is_empty(list);
	}
	rules->dropped = doc_is_empty(rules);
}

/* ---- a firewall ---- */

static const char *inside_address(struct map *map, struct firewall *f, struct js *first,
				  const struct subnet_fact *subnet)
{
	char text[ADDR_TEXT_BYTES];
	be32 addr;
	const char *name = store_printf(map->store, "%s/inside", f->resource->label),
		   *given = address_of(map->import, name), *found = prop_text(first, "privateIPAddress");
	if (given)
		return given;
	if (found && addr_parse(found, &addr) && !js_is_unknown(prop(first, "privateIPAddress")))
		return found;
	const char *address = store_printf(map->store, "%s", addr_print(prefix_nth(subnet->cidr, 4), text));
	assume(map->import, f->resource->body, store_printf(map->store, "--address %s=IP", name),
	       "%s: inside address %s, the first that Azure gives", f->resource->given, address);
	return address;
}

static void put_public(struct map *map, struct doc *doc, struct firewall *f)
{
	struct doc *list = doc_list(map->store, doc, "public", true);
	each_item(item, prop(f->resource->body, "ipConfigurations"))
	{
		bool assumed;
		const char *address = map_public_of(map, item, "publicIPAddress", f->resource->given, &assumed);
		if (!address)
			address = map_public_of(map, item, "publicIpAddress", f->resource->given, &assumed);
		if (!address)
			continue;
		doc_scalar(map->store, list, NULL, address);
		if (assumed)
			map_comment(map, list, store_printf(map->store, "ASSUMED: %s", address));
	}
}

static void put_private_range(struct map *map, struct doc *list, const char *text)
{
	if (*text)
		doc_scalar(map->store, list, NULL, text_same(text, "IANAPrivateRanges") ? "iana" : text);
}

/* Of a policy, or the firewall's own; classic ones have them as "10.0.0.0/8, 172.16.0.0/12". */
static void put_private_ranges(struct map *map, struct doc *doc, struct firewall *f, struct resource *policy)
{
	struct js *own = f->resource->body,
		  *one = js_get(prop(own, "additionalProperties"), "Network.SNAT.PrivateRanges"),
		  *ranges = policy ? prop(policy->body, "snat.privateRanges") : prop(own, "privateRanges");
	ranges = ranges ? ranges : one;
	struct doc *list = ranges ? doc_list(map->store, doc, "private_ranges", true) : NULL;
	each_item(item, ranges)
	{
		const char *text = js_string(item);
		item->mark = MARK_USED;
		for (const char *p = item->why ? NULL : text; p && *p;) {
			size_t n = strcspn(p, ", ");
			put_private_range(map, list, store_text(map->store, p, n));
			p += n + strspn(p + n, ", ");
		}
	}
	if (list)
		list->dropped = !list->first;
}

static void put_firewall(struct map *map, struct resource *resource)
{
	struct firewall f = {.resource = resource};
	struct js *configurations = prop(resource->body, "ipConfigurations"),
		  *first = configurations && configurations->kind == JS_ARRAY ? configurations->first : NULL,
		  *policy_at = prop(resource->body, "firewallPolicy");
	if (!first) {
		note_prop(map->import, SEVERITY_CHANGES, resource->body,
			  "%s: a firewall without an address in a network", resource->label);
		return;
	}
	resource->given = map_name(map, "hosts", resource->label);
	struct subnet_fact *subnet = map_subnet_of(map, first, "subnet", resource->given);
	if (!subnet) {
		resource->given = NULL;
		return;
	}
	resource->mapped = true;
	struct doc *doc = map_object(map, map->firewalls, resource->given, resource->label, resource->body);
	if (knows("network.firewalls.source"))
		map_source(map, doc, resource->body);
	const char *address = inside_address(map, &f, first, subnet),
		   *policy = prop_id(resource->body, "firewallPolicy");
	be32 addr;
	doc_scalar(map->store, doc, "subnet", subnet->given);
	doc_scalar(map->store, doc, "address", address);
	put_public(map, doc, &f);
	put_private_ranges(map, doc, &f, resource_find(map->import, policy, "firewallPolicies"));
	gather_classic(map, &f);
	if (policy_at)
		gather_policy(map, &f, policy, 0);
	put_rules(map, doc, &f);
	if (addr_parse(address, &addr))
		(void)map_add_machine(
			map, (struct machine_fact){
				     .given = resource->given, .subnet = subnet, .addr = addr, .forwards = true});
}

void map_firewalls(struct map *map)
{
	struct import *import = map->import;
	for (size_t i = 0; knows("network.firewalls") && i < import->n_resources; i++)
		if (resource_is(import->resources[i], "azureFirewalls") && !import->resources[i]->existing)
			put_firewall(map, import->resources[i]);
}

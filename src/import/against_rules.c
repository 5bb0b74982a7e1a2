/* DOC: effective rules as an oracle. Azure lists a rule with its tags expanded to prefixes, ports as ranges, and a group
 * once for each card or subnet that it is on. Addresses and ports are compared as sets, so that it does not matter how
 * prefixes are cut. The tag VirtualNetwork is expanded on both sides, for the subnet that the answer is about; of tags of
 * services the addresses that the scenario has must lie in the answer's list. 168.63.129.16 is left out, as the model
 * has it apart. */
#include "import/against_internal.h"
#include <stdlib.h>
#include <string.h>

/* ---- sets of numbers ---- */

struct range {
	uint32_t first, last;
};
struct ranges {
	struct range *items;
	size_t n;
};

static void add(struct comparing *c, struct ranges *ranges, uint32_t first, uint32_t last)
{
	void *items = ranges->items;
	if (!store_grow(&c->import->store, &items, ranges->n, sizeof *ranges->items))
		return;
	ranges->items = items;
	ranges->items[ranges->n++] = (struct range){first, last};
}

static void add_prefix(struct comparing *c, struct ranges *ranges, struct prefix prefix)
{
	uint32_t first = be32_to(prefix.addr), size = prefix.length == 0 ? 0 : UINT32_C(1) << (32 - prefix.length);
	if (prefix.length == 32 && first == AZURE_DNS_ADDR)
		return;
	add(c, ranges, first, prefix.length == 0 ? UINT32_MAX : first + (size - 1));
}

static int by_first(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	return x->first != y->first ? (x->first < y->first ? -1 : 1) : x->last < y->last ? -1 : x->last > y->last;
}

/* In order, those that touch joined. */
static void merge(struct ranges *ranges)
{
	size_t n = 0;
	if (ranges->n > 1)
		qsort(ranges->items, ranges->n, sizeof *ranges->items, by_first);
	for (size_t i = 0; i < ranges->n; i++) {
		struct range *last = n > 0 ? &ranges->items[n - 1] : NULL, next = ranges->items[i];
		if (last && (last->last == UINT32_MAX || next.first <= last->last + 1))
			last->last = next.last > last->last ? next.last : last->last;
		else
			ranges->items[n++] = next;
	}
	ranges->n = n;
}

static bool holds(const struct ranges *ranges, uint32_t number)
{
	for (size_t i = 0; i < ranges->n; i++)
		if (number >= ranges->items[i].first && number <= ranges->items[i].last)
			return true;
	return false;
}

/* The first number that `a` has and `b` has not. Both are merged. */
static bool beyond(const struct ranges *a, const struct ranges *b, uint32_t *ret)
{
	for (size_t i = 0; i < a->n; i++) {
		uint32_t at = a->items[i].first;
		for (size_t k = 0; k < b->n; k++)
			if (at >= b->items[k].first && at <= b->items[k].last) {
				if (b->items[k].last >= a->items[i].last)
					goto next;
				at = b->items[k].last + 1;
			}
		*ret = at;
		return true;
	next:;
	}
	return false;
}

/* ---- what the answer has ---- */

struct side { /* of a rule */
	struct ranges ranges;
	const char *tags[8]; /* as Azure writes them */
	size_t n_tags;
};

static bool is_any(const char *text)
{
	return strcmp(text, "*") == 0 || text_same(text, "any");
}

static void read_prefix(struct comparing *c, const char *text, struct side *ret)
{
	struct prefix prefix;
	be32 addr;
	if (is_any(text))
		add(c, &ret->ranges, 0, UINT32_MAX);
	else if (prefix_parse(text, &prefix) != PREFIX_SYNTAX)
		add_prefix(c, &ret->ranges, prefix);
	else if (addr_parse(text, &addr))
		add_prefix(c, &ret->ranges, (struct prefix){addr, 32});
	else if (!strchr(text, ':') && ret->n_tags < sizeof ret->tags / sizeof *ret->tags)
		ret->tags[ret->n_tags++] = text;
}

/* `which`: "source". Expanded lists hold what the tags mean. */
static void read_side(struct comparing *c, struct js *answer, const char *which, const char *expanded, struct side *ret)
{
	struct store *store = &c->import->store;
	struct js *many = prop(answer, store_printf(store, "%sAddressPrefixes", which)),
		  *one = prop(answer, store_printf(store, "%sAddressPrefix", which)), *open = prop(answer, expanded);
	struct js *list = many && many->n > 0 ? many : one;
	*ret = (struct side){0};
	each_item(item, list)
	{
		if (js_string(item))
			read_prefix(c, js_string(item), ret);
	}
	if (ret->n_tags > 0)
		each_item(item, open)
		{
			struct side more = {0};
			if (!js_string(item))
				continue;
			more.ranges = ret->ranges;
			read_prefix(c, js_string(item), &more);
			ret->ranges = more.ranges;
		}
	merge(&ret->ranges);
}

static void read_ports(struct comparing *c, struct js *answer, const char *which, struct ranges *ret)
{
	struct store *store = &c->import->store;
	struct js *many = prop(answer, store_printf(store, "%sPortRanges", which)),
		  *one = prop(answer, store_printf(store, "%sPortRange", which));
	struct js *list = many && many->n > 0 ? many : one;
	*ret = (struct ranges){0};
	each_item(item, list)
	{
		const char *text = js_string(item);
		unsigned long first, last;
		char *end;
		if (!text || is_any(text)) {
			add(c, ret, 0, 65535);
			continue;
		}
		first = strtoul(text, &end, 10);
		last = *end == '-' ? strtoul(end + 1, &end, 10) : first;
		if (!*end && first <= 65535 && last <= 65535)
			add(c, ret, (uint32_t)first, (uint32_t)last);
	}
	if (ret->n == 0)
		add(c, ret, 0, 65535);
	merge(ret);
}

/* ---- what the model has ---- */

static const char *azure_tag(enum nsg_tag tag)
{
	static const char *const names[NSG_TAG_COUNT] = {[NSG_VIRTUAL_NETWORK] = "VirtualNetwork",
							 [NSG_INTERNET] = "Internet",
							 [NSG_AZURE_LOAD_BALANCER] = "AzureLoadBalancer",
							 [NSG_STORAGE] = "Storage",
							 [NSG_SQL] = "Sql",
							 [NSG_AZURE_MANAGEMENT] = "AppServiceManagement"};
	return names[tag];
}

static const struct nsg_prefixes *addresses_of(const struct nsg_tags *tags, enum nsg_tag tag)
{
	return tag == NSG_VIRTUAL_NETWORK    ? &tags->network
	       : tag == NSG_STORAGE          ? &tags->storage
	       : tag == NSG_SQL              ? &tags->sql
	       : tag == NSG_AZURE_MANAGEMENT ? &tags->azure_management
					     : NULL;
}

static void model_side(struct comparing *c, const struct nsg_address *addresses, uint32_t n, struct side *ret)
{
	*ret = (struct side){0};
	for (uint32_t i = 0; i < n; i++) {
		const struct nsg_named *named = addresses[i].tag == NSG_NAMED ? addresses[i].named : NULL;
		const char *tag = named ? named->name : azure_tag(addresses[i].tag);
		if (named && text_begins(named->name, "asg/")) { /* Azure lists its machines */
			for (uint32_t k = 0; k < named->n; k++)
				add_prefix(c, &ret->ranges, named->prefixes[k]);
			continue;
		}
		if (addresses[i].tag == NSG_ANY)
			add(c, &ret->ranges, 0, UINT32_MAX);
		else if (addresses[i].tag == NSG_PREFIX)
			add_prefix(c, &ret->ranges, addresses[i].prefix);
		else if (tag && ret->n_tags < sizeof ret->tags / sizeof *ret->tags)
			ret->tags[ret->n_tags++] = tag;
	}
	merge(&ret->ranges);
}

static void model_ports(struct comparing *c, const struct nsg_ports *ports, uint32_t n, struct ranges *ret)
{
	*ret = (struct ranges){0};
	for (uint32_t i = 0; i < n; i++)
		add(c, ret, ports[i].first, ports[i].last);
	merge(ret);
}

/* ---- comparing ---- */

struct about {
	struct js *answer;
	const char *what;            /* "group web: rule ssh (Inbound 100)" */
	const struct nsg_tags *tags; /* NULL: of no subnet that is known */
};

static const char *number_text(struct comparing *c, uint32_t number, bool address)
{
	char text[ADDR_TEXT_BYTES];
	return address ? store_printf(&c->import->store, "%s", addr_print(be32_from(number), text))
		       : store_printf(&c->import->store, "%u", number);
}

static void compare_ranges(struct comparing *c, const struct about *about, const char *which,
			   const struct ranges *theirs, const struct ranges *ours, bool addresses)
{
	uint32_t at;
	struct store *store = &c->import->store;
	if (beyond(theirs, ours, &at))
		against_find(c, about->answer,
			     store_printf(store, "%s: %s %s is in the answer, not in the model", about->what, which,
					  number_text(c, at, addresses)));
	if (beyond(ours, theirs, &at))
		against_find(c, about->answer,
			     store_printf(store, "%s: %s %s is in the model, not in the answer", about->what, which,
					  number_text(c, at, addresses)));
}

static bool has_tag(const struct side *side, const char *tag)
{
	for (size_t i = 0; i < side->n_tags; i++)
		if (text_same(side->tags[i], tag))
			return true;
	return false;
}

/* "Storage.WestEurope" is of Storage. */
static bool is_of_tag(const char *text, const char *tag)
{
	size_t n = strlen(tag);
	return text_begins(text, tag) && (!text[n] || text[n] == '.');
}

/* The answer's list of a tag, where it has one, and what the model means by it. */
static void compare_expanded(struct comparing *c, const struct about *about, const char *which,
			     const struct side *theirs, const struct nsg_address *ours, uint32_t n)
{
	for (uint32_t i = 0; about->tags && theirs->ranges.n > 0 && i < n; i++) {
		const struct nsg_prefixes *prefixes = addresses_of(about->tags, ours[i].tag);
		struct ranges known = {0};
		if (!prefixes)
			continue;
		for (uint32_t k = 0; k < prefixes->n; k++)
			add_prefix(c, &known, prefixes->prefixes[k]);
		for (uint32_t k = 0; ours[i].tag == NSG_VIRTUAL_NETWORK && k < about->tags->routed.n; k++)
			add_prefix(c, &known, about->tags->routed.prefixes[k]);
		merge(&known);
		const char *words = store_printf(&c->import->store, "%s, tag %s:", which, azure_tag(ours[i].tag));
		if (ours[i].tag == NSG_VIRTUAL_NETWORK && n == 1) {
			compare_ranges(c, about, words, &theirs->ranges, &known, true);
			continue;
		}
		for (size_t k = 0; k < known.n; k++)
			if (!holds(&theirs->ranges, known.items[k].first))
				against_find(c, about->answer,
					     store_printf(&c->import->store,
							  "%s: %s %s is in the model, not in the answer", about->what,
							  words, number_text(c, known.items[k].first, true)));
	}
}

static void compare_side(struct comparing *c, const struct about *about, const char *which, const char *expanded,
			 const struct nsg_address *ours, uint32_t n)
{
	struct side theirs, model;
	struct store *store = &c->import->store;
	read_side(c, about->answer, which, expanded, &theirs);
	model_side(c, ours, n, &model);
	for (size_t i = 0; i < theirs.n_tags; i++) {
		bool known = false;
		for (size_t k = 0; k < model.n_tags; k++)
			known = known || is_of_tag(theirs.tags[i], model.tags[k]);
		if (!known)
			against_find(c, about->answer,
				     store_printf(store, "%s: %s %s is in the answer, not in the model", about->what,
						  which, theirs.tags[i]));
	}
	for (size_t i = 0; i < model.n_tags; i++) {
		bool known = has_tag(&theirs, model.tags[i]);
		for (size_t k = 0; k < theirs.n_tags; k++)
			known = known || is_of_tag(theirs.tags[k], model.tags[i]);
		if (!known)
			against_find(c, about->answer,
				     store_printf(store, "%s: %s %s is in the model, not in the answer", about->what,
						  which, model.tags[i]));
	}
	if (theirs.n_tags == 0 && model.n_tags == 0)
		compare_ranges(c, about, which, &theirs.ranges, &model.ranges, true);
	else
		compare_expanded(c, about, which, &theirs, ours, n);
}

/* An ICMP rule has no ports, whatever the answer lists. */
static void compare_rule_ports(struct comparing *c, const struct about *about, const struct nsg_rule *rule)
{
	struct ranges theirs, ours;
	if (rule->proto == 1)
		return;
	read_ports(c, about->answer, "source", &theirs);
	model_ports(c, rule->src_ports, rule->n_src_ports, &ours);
	compare_ranges(c, about, "source port", &theirs, &ours, false);
	read_ports(c, about->answer, "destination", &theirs);
	model_ports(c, rule->dst_ports, rule->n_dst_ports, &ours);
	compare_ranges(c, about, "destination port", &theirs, &ours, false);
}

static bool is_proto(const struct nsg_rule *rule, const char *protocol)
{
	if (!protocol || text_same(protocol, "All") || strcmp(protocol, "*") == 0)
		return rule->proto == NSG_ANY_PROTO;
	return (text_same(protocol, "Tcp") && rule->proto == 6) || (text_same(protocol, "Udp") && rule->proto == 17) ||
	       (text_same(protocol, "Icmp") && rule->proto == 1);
}

static const struct nsg_rule *rule_of(const struct nsg_config *group, enum nsg_direction direction, int64_t priority)
{
	const struct nsg_rules *rules = &group->rules;
	uint32_t n;
	const struct nsg_rule *platform = nsg_platform_rules(direction, &n);
	for (uint32_t i = 0; i < rules->n[direction]; i++)
		if (rules->rules[direction][i].priority == priority)
			return &rules->rules[direction][i];
	for (uint32_t i = 0; i < n; i++)
		if (platform[i].priority == priority)
			return &platform[i];
	return NULL;
}

void against_rule(struct comparing *c, struct js *answer, const struct nsg_config *group, const struct nsg_tags *tags)
{
	struct store *store = &c->import->store;
	const char *name = prop_text(answer, "name"), *access = prop_text(answer, "access"),
		   *direction = prop_text(answer, "direction");
	int64_t priority;
	if (!name || !access || !direction || !prop_int(answer, "priority", &priority))
		return;
	const char *slash = strrchr(name, '/');
	struct about about = {answer,
			      store_printf(store, "group %s: rule %s (%s %lld)", group->name, slash ? slash + 1 : name,
					   direction, (long long)priority),
			      tags};
	const struct nsg_rule *rule =
		rule_of(group, text_same(direction, "Outbound") ? NSG_OUTBOUND : NSG_INBOUND, priority);
	if (!rule) {
		against_find(c, answer, store_printf(store, "%s: the model has none", about.what));
		return;
	}
	if (rule->allow != text_same(access, "Allow") || !is_proto(rule, prop_text(answer, "protocol")))
		against_find(c, answer,
			     store_printf(store, "%s: the model has %s, which %s %s", about.what, rule->name,
					  rule->allow ? "allows" : "denies",
					  rule->proto == NSG_ANY_PROTO ? "any protocol"
					  : rule->proto == 6           ? "TCP"
					  : rule->proto == 17          ? "UDP"
								       : "ICMP"));
	compare_side(c, &about, "source", "expandedSourceAddressPrefix", rule->src, rule->n_src);
	compare_side(c, &about, "destination", "expandedDestinationAddressPrefix", rule->dst, rule->n_dst);
	compare_rule_ports(c, &about, rule);
}

/* DOC: the section `nsgs`: network security groups and their rules. Groups come first, so that subnets and NICs can
 * refer to them. Rules are kept by priority; names are a group's, over both directions, as Azure has it. What the
 * timeline makes of a group is timeline_rules.c's. */
#include "base/names.h"
#include "scenario/decode.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The items of a key: none where it is absent, which stands for any. */
static const struct tree **some_of(struct decoder *d, const struct tree *node, const char *key, size_t *ret_n)
{
	*ret_n = 0;
	return tree_is_null(tree_get(node, key))
		       ? NULL
		       : decode_some(d, tree_get(node, key), arena_printf(d->arena, "`%s`", key), ret_n);
}

/* ---- src, dst ---- */

static bool decode_alternative(struct decoder *d, const struct tree *item, struct nsg_address *ret)
{
	const char *text = item->kind == TREE_SCALAR ? item->text : "";
	be32 addr;
	*ret = (struct nsg_address){.tag = NSG_PREFIX};
	if (nsg_tag_parse(text, &ret->tag))
		return true;
	ret->tag = NSG_PREFIX;
	if (addr_parse(text, &addr)) { /* an address alone is itself */
		ret->prefix = (struct prefix){addr, 32};
		return true;
	}
	if (strchr(text, '/') && strncmp(text, "asg/", 4) != 0)
		return decode_scalar_prefix(d, item, &ret->prefix);
	ret->tag = NSG_NAMED;
	ret->named = strncmp(text, "asg/", 4) == 0 ? find_asg(d, text, item->place)
						   : find_tag(d, decode_shown(item), item->place);
	return ret->named;
}

static bool decode_alternatives(struct decoder *d, const struct tree *node, const char *key,
				const struct nsg_address **ret, uint32_t *ret_n)
{
	size_t n;
	const struct tree **items = some_of(d, node, key, &n);
	struct nsg_address *alternatives = decode_array(d, n ? n : 1, sizeof *alternatives);
	bool sound = alternatives != NULL;
	if (!alternatives)
		return false;
	for (size_t i = 0; i < n; i++)
		sound &= decode_alternative(d, items[i], &alternatives[i]);
	if (n == 0)
		alternatives[n++] = (struct nsg_address){.tag = NSG_ANY};
	*ret = alternatives;
	*ret_n = (uint32_t)n;
	return sound;
}

/* ---- ports ---- */

static bool read_range(struct decoder *d, const struct tree *item, struct nsg_ports *ret)
{
	const char *text = item->kind == TREE_SCALAR ? item->text : "";
	const char *hyphen = strchr(text, '-');
	char *first_text = hyphen ? arena_strndup(d->arena, text, (size_t)(hyphen - text)) : NULL;
	uint64_t first, last;
	*ret = (struct nsg_ports){0, UINT16_MAX};
	if (strcmp(text, "any") == 0 || strcmp(text, "*") == 0)
		return true;
	bool sound = first_text ? read_number(first_text, UINT16_MAX, &first) &&
					  read_number(hyphen + 1, UINT16_MAX, &last) && first <= last
				: read_number(text, UINT16_MAX, &first);
	if (!sound) {
		diag_error(d->diags, item->place, "any, a number up to 65535, \"10001-10020\", or a list of these",
			   "`%s` is not a port or a range of ports", decode_shown(item));
		return false;
	}
	*ret = (struct nsg_ports){(uint16_t)first, first_text ? (uint16_t)last : (uint16_t)first};
	return true;
}

static bool decode_port_ranges(struct decoder *d, const struct tree *node, const char *key,
			       const struct nsg_ports **ret, uint32_t *ret_n)
{
	size_t n;
	const struct tree **items = some_of(d, node, key, &n);
	struct nsg_ports *ranges = decode_array(d, n ? n : 1, sizeof *ranges);
	bool sound = ranges != NULL;
	if (!ranges)
		return false;
	for (size_t i = 0; i < n; i++)
		sound &= read_range(d, items[i], &ranges[i]);
	if (n == 0)
		ranges[n++] = (struct nsg_ports){0, UINT16_MAX};
	*ret = ranges;
	*ret_n = (uint32_t)n;
	return sound;
}

/* ---- a rule ---- */

/* Of `set` what is given alone; of a rule all keys, with their defaults. */
static bool is_asked(const struct tree *node, enum section section, const char *key)
{
	return section == SECTION_RULE || decode_has(node, key);
}

static bool take_keys(struct decoder *d, const struct tree *node, enum section section, struct nsg_rule *rule)
{
	static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP, PROTO_ICMP, NSG_ANY_PROTO};
	unsigned choice;
	int64_t priority;
	bool sound = true;
	if (is_asked(node, section, "priority"))
		sound &= decode_int(d, node, section, "priority", &priority) &&
			 (rule->priority = (uint16_t)priority, true);
	if (is_asked(node, section, "action"))
		sound &= decode_enum(d, node, section, "action", &choice) && (rule->allow = choice == 0, true);
	if (is_asked(node, section, "proto"))
		sound &= decode_enum(d, node, section, "proto", &choice) && (rule->proto = protos[choice], true);
	if (is_asked(node, section, "src"))
		sound &= decode_alternatives(d, node, "src", &rule->src, &rule->n_src);
	if (is_asked(node, section, "dst"))
		sound &= decode_alternatives(d, node, "dst", &rule->dst, &rule->n_dst);
	if (is_asked(node, section, "src_ports"))
		sound &= decode_port_ranges(d, node, "src_ports", &rule->src_ports, &rule->n_src_ports);
	if (is_asked(node, section, "dst_ports"))
		sound &= decode_port_ranges(d, node, "dst_ports", &rule->dst_ports, &rule->n_dst_ports);
	return sound;
}

bool decode_rule(struct decoder *d, const struct tree *node, enum section section, struct nsg_rule *rule)
{
	if (section == SECTION_RULE)
		*rule = (struct nsg_rule){.name = "", .place = node->place};
	if (!decode_section(d, node, section))
		return false;
	const char *name = section == SECTION_RULE ? decode_text(d, node, section, "name") : rule->name;
	if (name && section == SECTION_RULE) {
		check_azure_name(d, name, decode_place(node, "name"));
		rule->name = name;
		rule->place = decode_place(node, "name");
	}
	return take_keys(d, node, section, rule) && name;
}

/* ---- groups ---- */

static int compare_rules(const void *a, const void *b)
{
	const struct nsg_rule *x = a, *y = b;
	return x->priority != y->priority ? (x->priority < y->priority ? -1 : 1) : x->id < y->id ? -1 : x->id > y->id;
}

void sort_rules(struct nsg_rule *rules, size_t n)
{
	if (n > 1)
		qsort(rules, n, sizeof *rules, compare_rules);
}

const struct nsg_rule *find_rule(const struct nsg_rules *rules, const char *name, enum nsg_direction *ret_direction)
{
	for (unsigned direction = 0; direction < NSG_DIRECTION_COUNT; direction++)
		for (uint32_t i = 0; i < rules->n[direction]; i++)
			if (strcmp(rules->rules[direction][i].name, name) == 0) {
				*ret_direction = (enum nsg_direction)direction;
				return &rules->rules[direction][i];
			}
	return NULL;
}

bool check_priority(struct decoder *d, const struct nsg_rule *rules, size_t n, const struct nsg_rule *rule,
		    struct place place)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].priority == rule->priority && rules[i].id != rule->id) {
			diag_error(d->diags, place,
				   arena_printf(d->arena, "`%s` at %s has it: priorities are unique in a direction",
						rules[i].name, diag_where(d->arena, place, rules[i].place)),
				   "priority %u is given twice", rule->priority);
			return false;
		}
	return true;
}

/* The names of a group's rules, over both directions. */
struct rule_names {
	struct names numbers;
	const struct nsg_rule **rules; /* by number */
	uint32_t n;
};

/* The rule that has the name already; NULL where it is new. */
static const struct nsg_rule *add_rule_name(struct decoder *d, struct rule_names *names, const struct nsg_rule *rule)
{
	uint32_t number;
	char *lower = arena_strdup(d->arena, rule->name); /* case makes no other name */
	for (char *at = lower; at && *at; at++)
		*at = (char)tolower((unsigned char)*at);
	if (lower && names_find(&names->numbers, lower, &number))
		return names->rules[number];
	if (!lower || names_add(&names->numbers, lower, names->n) < 0)
		d->error = -ENOMEM;
	names->rules[names->n++] = rule;
	return NULL;
}

static void decode_rules(struct decoder *d, const struct tree *node, struct nsg_config *nsg, struct rule_names *names,
			 enum nsg_direction direction)
{
	static const char *const keys[] = {"inbound", "outbound"};
	size_t n;
	const struct tree **items = decode_list(d, tree_get(node, keys[direction]),
						arena_printf(d->arena, "`%s`", keys[direction]), false, &n);
	struct nsg_rule *rules = decode_array(d, n, sizeof *rules);
	uint32_t n_rules = 0;
	bool *is_given = decode_array(d, UINT16_MAX + 1, sizeof *is_given); /* by priority */
	for (size_t i = 0; rules && is_given && i < n; i++) {
		struct nsg_rule *rule = &rules[n_rules];
		bool sound = decode_rule(d, items[i], SECTION_RULE, rule);
		rule->id = nsg->n_ids;
		if (!sound)
			continue;
		const struct nsg_rule *same = add_rule_name(d, names, rule);
		if (same && strcmp(same->name, rule->name) != 0)
			report_case(d, rule->name, rule->place, same->name, same->place);
		else if (same)
			diag_error(d->diags, rule->place,
				   arena_printf(d->arena, "the other is at %s: names are unique in a group",
						diag_where(d->arena, rule->place, same->place)),
				   "rule `%s` is there twice", rule->name);
		if (is_given[rule->priority])
			(void)check_priority(d, rules, n_rules, rule, decode_place(items[i], "priority"));
		is_given[rule->priority] = true;
		nsg->n_ids++;
		n_rules++;
	}
	sort_rules(rules, n_rules);
	nsg->rules.rules[direction] = rules;
	nsg->rules.n[direction] = n_rules;
}

/* A lint: an earlier rule decides about everything that this one would. Pairs of a large group are many, and most
 * differ in their sources: these stand in one array. */
static void warn_shadowed_in(struct decoder *d, const struct nsg_rule *rules, uint32_t n)
{
	static const struct prefix all = {0};
	struct prefix *covers = decode_array(d, n, sizeof *covers); /* all that a rule may match, or more */
	for (uint32_t i = 0; covers && i < n; i++) {
		const struct nsg_rule *rule = &rules[i];
		bool any = rule->src[0].tag != NSG_PREFIX;
		for (uint32_t k = 0; k < i; k++) {
			if ((!any && !prefix_within(rule->src[0].prefix, covers[k])) || !nsg_shadows(&rules[k], rule))
				continue;
			diag_warning(d->diags, rule->place, "give it a lower number, or remove it",
				     "rule `%s` never decides: `%s` (priority %u) comes first and matches all of it",
				     rule->name, rules[k].name, rules[k].priority);
			break;
		}
		covers[i] = any || rule->n_src > 1 ? all : rule->src[0].prefix;
	}
}

static void warn_shadowed(struct decoder *d, const struct nsg_config *nsg)
{
	for (unsigned direction = 0; direction < NSG_DIRECTION_COUNT; direction++)
		warn_shadowed_in(d, nsg->rules.rules[direction], nsg->rules.n[direction]);
}

void decode_nsgs(struct decoder *d)
{
	struct model *model = d->model;
	size_t n;
	const struct tree **items = decode_map(d, tree_get(tree_get(d->root, "network"), "nsgs"), "nsgs", &n);
	model->nsgs = decode_array(d, n, sizeof *model->nsgs);
	for (size_t i = 0; model->nsgs && i < n; i++) {
		struct nsg_config *nsg = &model->nsgs[model->n_nsgs++];
		*nsg = (struct nsg_config){.name = items[i]->key, .place = items[i]->key_place};
		if (!tree_is_null(items[i]) && !decode_section(d, items[i], SECTION_NSG))
			continue;
		const struct tree *in = tree_get(items[i], "inbound"), *out = tree_get(items[i], "outbound");
		struct rule_names names = {0};
		names.rules = decode_array(d, (in ? in->n : 0) + (out ? out->n : 0), sizeof *names.rules);
		if (!names.rules)
			return;
		decode_rules(d, items[i], nsg, &names, NSG_INBOUND);
		decode_rules(d, items[i], nsg, &names, NSG_OUTBOUND);
		names_deinit(&names.numbers);
		warn_shadowed(d, nsg);
	}
}

uint32_t decode_nsg_ref(struct decoder *d, const struct tree *node, enum section section)
{
	const struct model *model = d->model;
	const char *name = decode_text(d, node, section, "nsg");
	uint32_t nsg = name ? find_by_name(model->nsgs, model->n_nsgs, name) : NONE;
	if (name && nsg == NONE)
		unknown_name(d, decode_place(node, "nsg"), "security group", name, model->nsgs, model->n_nsgs,
			     sizeof *model->nsgs);
	return nsg;
}

/* A lint: groups and tables that nothing refers to. After hosts. */
void warn_unattached(struct decoder *d)
{
	const struct model *model = d->model;
	for (uint32_t i = 0; i < model->n_nsgs; i++) {
		bool attached = false;
		for (size_t k = 0; k < model->n_subnets; k++)
			attached |= model->subnets[k].nsg == i;
		for (size_t k = 0; k < model->n_hosts; k++)
			attached |= model->hosts[k].nsg == i;
		if (!attached)
			diag_warning(d->diags, model->nsgs[i].place, "name it under `nsg` of a subnet or a VM",
				     "security group `%s` is on no subnet and no NIC", model->nsgs[i].name);
	}
	for (uint32_t i = 0; i < model->n_route_tables; i++) {
		bool attached = false;
		for (size_t k = 0; k < model->n_subnets; k++)
			attached |= model->subnets[k].routes == i;
		if (!attached)
			diag_warning(d->diags, model->route_tables[i].place, "name it under `routes` of a subnet",
				     "route table `%s` is on no subnet", model->route_tables[i].name);
	}
}

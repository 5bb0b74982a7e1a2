/* DOC: the section `firewalls`. The rules come in collections of three kinds; each collection has a priority, unique in
 * its kind; each rule a name, unique in its collection (azure: firewall, rule-processing). */
#include "scenario/firewall.h"
#include "base/names.h"
#include "scenario/keys_internal.h"
#include "scenario/kinds.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PORTS_HELP "any, a port, a range such as \"8000-8010\", or a list of these"

static struct firewall_config *config_of(struct kind_item *item)
{
	return (struct firewall_config *)(void *)item;
}

/* ---- private_ranges ---- */

static void private_ranges(struct decoder *d, const struct tree *node, struct firewall_config *ret)
{
	static const struct {
		uint32_t addr;
		uint8_t length;
	} iana[] = {{0x0a000000, 8}, {0xac100000, 12}, {0xc0a80000, 16}, {0x64400000, 10}};
	const struct tree *value = tree_get(node, "private_ranges");
	size_t n = 1;
	const struct tree **items = tree_is_null(value) ? NULL : decode_some(d, value, "`private_ranges`", &n);
	ret->private_ranges = decode_array(d, n + sizeof iana / sizeof *iana * n, sizeof *ret->private_ranges);
	for (size_t i = 0; ret->private_ranges && i < n; i++) {
		bool is_iana = !items || (items[i]->kind == TREE_SCALAR && strcmp(items[i]->text, "iana") == 0);
		for (size_t k = 0; is_iana && k < sizeof iana / sizeof *iana; k++)
			ret->private_ranges[ret->n_private_ranges++] =
				(struct prefix){be32_from(iana[k].addr), iana[k].length};
		if (!is_iana && decode_scalar_prefix(d, items[i], &ret->private_ranges[ret->n_private_ranges]))
			ret->n_private_ranges++;
	}
}

/* ---- the parts of a rule ---- */

static bool is_any(const char *text)
{
	return strcmp(text, "any") == 0 || strcmp(text, "*") == 0;
}

static const char *text_of(const struct tree *item)
{
	return item->kind == TREE_SCALAR ? item->text : "";
}

static bool is_word(const char *text)
{
	return isalpha((unsigned char)text[0]);
}

/* Of each item what a service tag stands for, NULL where it is none; and how many prefixes these have. Network rules
 * take them as destinations (azure: firewall, service-tags). */
static const struct nsg_named **tags_of(struct decoder *d, const struct tree **items, size_t n, bool takes_tags,
					size_t *ret_n_prefixes)
{
	const struct nsg_named **tags = decode_array(d, n, sizeof *tags);
	*ret_n_prefixes = 0;
	for (size_t i = 0; tags && i < n; i++) {
		const char *text = text_of(items[i]);
		if (is_any(text) || !is_word(text))
			continue;
		if (takes_tags)
			tags[i] = find_service_tag(d, text, items[i]->place);
		else
			diag_error(d->diags, items[i]->place,
				   "write a prefix; service tags are destinations of network rules",
				   "`%s` is not an IPv4 prefix", decode_shown(items[i]));
		*ret_n_prefixes += tags[i] ? tags[i]->n : 0;
	}
	return tags;
}

/* None is any. */
static void addresses(struct decoder *d, const struct tree *node, const char *key, bool takes_tags, struct prefix **ret,
		      size_t *ret_n)
{
	const struct tree *value = tree_get(node, key);
	size_t n = 0, n_prefixes = 0;
	bool any = tree_is_null(value);
	const struct tree **items = any ? NULL : decode_some(d, value, arena_printf(d->arena, "`%s`", key), &n);
	const struct nsg_named **tags = tags_of(d, items, items ? n : 0, takes_tags, &n_prefixes);
	*ret = decode_array(d, n + n_prefixes + 1, sizeof **ret);
	for (size_t i = 0; *ret && tags && items && i < n; i++) {
		const char *text = text_of(items[i]);
		be32 addr;
		for (uint32_t k = 0; tags[i] && k < tags[i]->n; k++)
			(*ret)[(*ret_n)++] = tags[i]->prefixes[k];
		if (is_any(text))
			any = true;
		else if (addr_parse(text, &addr))
			(*ret)[(*ret_n)++] = (struct prefix){addr, 32};
		else if (!is_word(text) && decode_scalar_prefix(d, items[i], &(*ret)[*ret_n]))
			(*ret_n)++;
	}
	if (*ret && !any && n > 0 && *ret_n == 0)
		(*ret)[(*ret_n)++] = (struct prefix){ADDR_NONE, 32}; /* tags of no address: nothing, which is not any */
	*ret_n = any ? 0 : *ret_n;
}

static bool read_ports(struct decoder *d, const char *text, struct firewall_ports *ret)
{
	const char *hyphen = strchr(text, '-');
	char *first_text = hyphen ? arena_strndup(d->arena, text, (size_t)(hyphen - text)) : NULL;
	uint64_t first = 0, last = 0;
	bool sound = first_text ? read_number(first_text, UINT16_MAX, &first) &&
					  read_number(hyphen + 1, UINT16_MAX, &last) && first <= last
				: read_number(text, UINT16_MAX, &first);
	*ret = (struct firewall_ports){(uint16_t)first, (uint16_t)(first_text ? last : first)};
	return sound;
}

static void ports(struct decoder *d, const struct tree *node, struct firewall_rule *rule)
{
	const struct tree *value = tree_get(node, "dst_ports");
	size_t n = 0;
	bool any = tree_is_null(value);
	const struct tree **items = any ? NULL : decode_some(d, value, "`dst_ports`", &n);
	rule->dst_ports = decode_array(d, n + 1, sizeof *rule->dst_ports);
	for (size_t i = 0; rule->dst_ports && items && i < n; i++) {
		const char *text = text_of(items[i]);
		if (is_any(text))
			any = true;
		else if (read_ports(d, text, &rule->dst_ports[rule->n_dst_ports]))
			rule->n_dst_ports++;
		else
			diag_error(d->diags, items[i]->place, PORTS_HELP, "`%s` is not a port or a range of ports",
				   decode_shown(items[i]));
	}
	if (any)
		rule->n_dst_ports = 0;
}

static void protos(struct decoder *d, const struct tree *node, enum firewall_rules_kind kind,
		   struct firewall_rule *rule)
{
	static const struct {
		const char *word;
		uint32_t bits;
	} words[] = {{"tcp", FIREWALL_TCP},    {"udp", FIREWALL_UDP},   {"icmp", FIREWALL_ICMP},
		     {"any", FIREWALL_ANY},    {"http", FIREWALL_HTTP}, {"https", FIREWALL_HTTPS},
		     {"mssql", FIREWALL_MSSQL}};
	static const char *const hints[FIREWALL_KIND_COUNT] = {"tcp or udp, or both", "tcp, udp, icmp or any",
							       "http, https or mssql: names are known of these alone"};
	static const uint32_t allowed[FIREWALL_KIND_COUNT] = {FIREWALL_TCP | FIREWALL_UDP, FIREWALL_ANY,
							      FIREWALL_HTTP | FIREWALL_HTTPS | FIREWALL_MSSQL};
	const struct tree *value = tree_get(node, "proto");
	size_t n = 0;
	const struct tree **items = tree_is_null(value) ? NULL : decode_some(d, value, "`proto`", &n);
	if (!items)
		rule->protos = kind == FIREWALL_APPLICATION ? FIREWALL_HTTP | FIREWALL_HTTPS
			       : kind == FIREWALL_DNAT      ? FIREWALL_TCP
							    : FIREWALL_ANY;
	for (size_t i = 0; items && i < n; i++) {
		const char *text = text_of(items[i]);
		uint32_t bits = 0;
		for (size_t k = 0; k < sizeof words / sizeof *words; k++)
			bits |= strcmp(words[k].word, text) == 0 ? words[k].bits : 0;
		if (kind == FIREWALL_DNAT && bits == FIREWALL_ANY)
			bits = FIREWALL_TCP | FIREWALL_UDP;
		if (bits == 0 || (bits & ~allowed[kind]) != 0)
			diag_error(d->diags, items[i]->place, hints[kind],
				   kind == FIREWALL_APPLICATION && bits != 0
					   ? "`%s` carries no name: an application rule cannot decide about it"
					   : "`%s` is no protocol of these rules",
				   decode_shown(items[i]));
		rule->protos |= bits & allowed[kind];
	}
}

static void fqdns(struct decoder *d, const struct tree *node, struct firewall_rule *rule)
{
	const struct tree *value = tree_get(node, "fqdns");
	size_t n = 0;
	if (tree_is_null(value)) {
		diag_error(d->diags, rule->place, "add `fqdns`, such as [\"*.example.net\"]",
			   "application rule `%s` has no `fqdns`", rule->path);
		return;
	}
	const struct tree **items = decode_some(d, value, "`fqdns`", &n);
	rule->fqdns = decode_array(d, n + 1, sizeof *rule->fqdns);
	for (size_t i = 0; rule->fqdns && items && i < n; i++) {
		const char *text = text_of(items[i]);
		bool star = strcmp(text, "*") == 0, wild = text[0] == '*' && text[1] == '.';
		if (star || is_dns_name(wild ? text + 2 : text))
			rule->fqdns[rule->n_fqdns++] = text;
		else
			diag_error(d->diags, items[i]->place,
				   "a name such as www.example.net, \"*.example.net\", or \"*\"",
				   "`%s` is not a DNS name", decode_shown(items[i]));
	}
}

/* "vm-1:443", "10.0.1.4:443". */
static void destination(struct decoder *d, const struct tree *node, struct firewall_rule *rule)
{
	const struct model *model = d->model;
	const char *text = decode_text(d, node, SECTION_FIREWALL_RULE, "to");
	rule->to_host = NONE;
	const char *colon = text ? strrchr(text, ':') : NULL;
	uint64_t port = 0;
	if (!text) {
		diag_error(d->diags, rule->place, "add `to: \"HOST:PORT\"`", "DNAT rule `%s` leads nowhere",
			   rule->path);
		return;
	}
	if (!colon || !read_number(colon + 1, UINT16_MAX, &port) || port == 0) {
		diag_error(d->diags, decode_place(node, "to"), "write HOST:PORT or ADDRESS:PORT",
			   "`%s` is no destination with a port", text);
		return;
	}
	char *name = arena_strndup(d->arena, text, (size_t)(colon - text));
	rule->to_port = (uint16_t)port;
	if (!name || addr_parse(name, &rule->to))
		return;
	uint32_t host = find_by_name(model->hosts, model->n_hosts, name);
	if (host == NONE)
		unknown_name(d, decode_place(node, "to"), "host", name, model->hosts, model->n_hosts,
			     sizeof *model->hosts);
	else
		rule->to_host = host;
}

/* ---- a rule ---- */

static void refuse_keys(struct decoder *d, const struct tree *node, enum firewall_rules_kind kind,
			const struct firewall_rule *rule)
{
	static const struct {
		const char *key;
		unsigned kinds; /* bits of those that have it */
	} keys[] = {{"to", 1u << FIREWALL_DNAT},
		    {"fqdns", 1u << FIREWALL_APPLICATION},
		    {"dst", 1u << FIREWALL_DNAT | 1u << FIREWALL_NETWORK},
		    {"dst_ports", 1u << FIREWALL_DNAT | 1u << FIREWALL_NETWORK}};
	static const char *const words[FIREWALL_KIND_COUNT] = {"DNAT", "network", "application"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if ((keys[i].kinds & (1u << kind)) == 0 && decode_has(node, keys[i].key))
			diag_error(d->diags, decode_place(node, keys[i].key), "remove it, or move the rule",
				   "`%s` is no key of a rule of kind %s (`%s`)", keys[i].key, words[kind], rule->path);
}

static void take_rule_keys(struct decoder *d, const struct tree *node, const struct firewall_collection *collection,
			   struct firewall_rule *rule)
{
	refuse_keys(d, node, collection->kind, rule);
	protos(d, node, collection->kind, rule);
	addresses(d, node, "src", false, &rule->src, &rule->n_src);
	if (collection->kind != FIREWALL_APPLICATION) {
		addresses(d, node, "dst", collection->kind == FIREWALL_NETWORK, &rule->dst, &rule->n_dst);
		ports(d, node, rule);
	}
	if (collection->kind == FIREWALL_APPLICATION)
		fqdns(d, node, rule);
	if (collection->kind == FIREWALL_DNAT)
		destination(d, node, rule);
}

void firewall_new_rule(struct decoder *d, const struct tree *node, const struct firewall_collection *collection,
		       const char *name, struct place place, struct firewall_rule *ret)
{
	const char *path = arena_printf(d->arena, "%s/%s", collection->name, name);
	*ret = (struct firewall_rule){.name = name, .path = path ? path : name, .to_host = NONE, .place = place};
	take_rule_keys(d, node, collection, ret);
	if (ret->to_host != NONE)
		ret->to = d->model->hosts[ret->to_host].addr; /* an automatic one comes later: finish() */
}

void firewall_change_rule(struct decoder *d, const struct tree *node, const struct firewall_collection *collection,
			  struct firewall_rule *rule)
{
	refuse_keys(d, node, collection->kind, rule);
	if (decode_has(node, "proto")) {
		rule->protos = 0;
		protos(d, node, collection->kind, rule);
	}
	if (decode_has(node, "src")) {
		rule->n_src = 0;
		addresses(d, node, "src", false, &rule->src, &rule->n_src);
	}
	if (decode_has(node, "dst")) {
		rule->n_dst = 0;
		addresses(d, node, "dst", collection->kind == FIREWALL_NETWORK, &rule->dst, &rule->n_dst);
	}
	if (decode_has(node, "dst_ports")) {
		rule->n_dst_ports = 0;
		ports(d, node, rule);
	}
	if (decode_has(node, "fqdns")) {
		rule->n_fqdns = 0;
		fqdns(d, node, rule);
	}
	if (decode_has(node, "to"))
		destination(d, node, rule);
	if (decode_has(node, "to") && rule->to_host != NONE)
		rule->to = d->model->hosts[rule->to_host].addr;
}

static bool decode_firewall_rule(struct decoder *d, const struct tree *node,
				 const struct firewall_collection *collection, struct firewall_rule *rule)
{
	if (!decode_section(d, node, SECTION_FIREWALL_RULE))
		return false;
	const char *name = decode_text(d, node, SECTION_FIREWALL_RULE, "name");
	if (!name)
		return false;
	check_azure_name(d, name, decode_place(node, "name"));
	firewall_new_rule(d, node, collection, name, decode_place(node, "name"), rule);
	return true;
}

/* ---- collections ---- */

static void decode_rules_of(struct decoder *d, const struct tree *list, struct firewall_collection *collection)
{
	struct names names = {0};
	size_t n = 0;
	const struct tree **items = decode_list(d, list, "`rules`", false, &n);
	collection->rules = decode_array(d, n, sizeof *collection->rules);
	for (size_t i = 0; collection->rules && i < n; i++) {
		struct firewall_rule *rule = &collection->rules[collection->n_rules];
		if (!decode_firewall_rule(d, items[i], collection, rule))
			continue;
		int r = names_add(&names, rule->name, (uint32_t)i);
		if (r > 0)
			diag_error(d->diags, rule->place, "choose another name", "rule `%s` is there twice",
				   rule->path);
		d->error = r < 0 ? r : d->error;
		collection->n_rules++;
	}
	names_deinit(&names);
}

static void decode_collection(struct decoder *d, const struct tree *node, enum firewall_rules_kind kind,
			      struct firewall_rules *rules)
{
	struct firewall_collection *collection = &rules->collections[rules->n];
	unsigned action = 0;
	int64_t priority = 0;
	if (!decode_section(d, node, SECTION_FIREWALL_COLLECTION))
		return;
	const char *name = decode_text(d, node, SECTION_FIREWALL_COLLECTION, "name");
	if (!name || !decode_int(d, node, SECTION_FIREWALL_COLLECTION, "priority", &priority))
		return;
	(void)decode_enum(d, node, SECTION_FIREWALL_COLLECTION, "action", &action);
	check_azure_name(d, name, decode_place(node, "name"));
	if (kind == FIREWALL_DNAT && decode_has(node, "action"))
		diag_error(d->diags, decode_place(node, "action"), "remove it",
			   "a DNAT rule allows what it translates");
	*collection = (struct firewall_collection){.name = name,
						   .kind = kind,
						   .priority = (uint32_t)priority,
						   .allow = action == 0,
						   .place = decode_place(node, "name")};
	for (size_t i = 0; i < rules->n; i++) {
		const struct firewall_collection *other = &rules->collections[i];
		if (strcmp(other->name, name) == 0)
			diag_error(d->diags, collection->place, "choose another name", "collection `%s` is there twice",
				   name);
		if (other->kind == kind && other->priority == collection->priority)
			diag_error(d->diags, decode_place(node, "priority"),
				   arena_printf(d->arena, "`%s` at %s has it: priorities are unique in a kind of rules",
						other->name, diag_where(d->arena, collection->place, other->place)),
				   "priority %u is given twice", collection->priority);
	}
	decode_rules_of(d, tree_get(node, "rules"), collection);
	rules->n++;
}

static int compare_collections(const void *a, const void *b)
{
	const struct firewall_collection *x = a, *y = b;
	return x->kind != y->kind           ? (x->kind < y->kind ? -1 : 1)
	       : x->priority != y->priority ? (x->priority < y->priority ? -1 : 1)
					    : strcmp(x->name, y->name);
}

static void decode_firewall_rules(struct decoder *d, const struct tree *node, struct firewall_rules *ret)
{
	static const char *const keys[FIREWALL_KIND_COUNT] = {"dnat", "network", "application"};
	const struct tree **items[FIREWALL_KIND_COUNT];
	size_t n[FIREWALL_KIND_COUNT], n_all = 0;
	if (tree_is_null(node) || !decode_section(d, node, SECTION_FIREWALL_RULES))
		return;
	for (unsigned kind = 0; kind < FIREWALL_KIND_COUNT; kind++) {
		items[kind] = decode_list(d, tree_get(node, keys[kind]), arena_printf(d->arena, "`%s`", keys[kind]),
					  false, &n[kind]);
		n_all += n[kind];
	}
	ret->collections = decode_array(d, n_all, sizeof *ret->collections);
	for (unsigned kind = 0; kind < FIREWALL_KIND_COUNT; kind++)
		for (size_t i = 0; ret->collections && i < n[kind]; i++)
			decode_collection(d, items[kind][i], (enum firewall_rules_kind)kind, ret);
	if (ret->n > 1)
		qsort(ret->collections, ret->n, sizeof *ret->collections, compare_collections);
}

/* ---- checks ---- */

static bool has_address(const struct decoder *d, const struct firewall_config *config, const struct prefix *prefix)
{
	for (size_t i = 0; i < config->nat.n_addresses; i++)
		if (prefix->length == 32 && prefix->addr.raw == config->nat.addresses[i].raw)
			return true;
	return prefix->length == 32 && config->subnet != NONE &&
	       prefix_contains(d->model->subnets[config->subnet].cidr, prefix->addr);
}

static void check_dnat_address(struct decoder *d, const struct firewall_config *config,
			       const struct firewall_rule *rule)
{
	char text[PREFIX_TEXT_BYTES];
	if (rule->n_dst == 0)
		diag_error(d->diags, rule->place, "name one of its `public` addresses under `dst`",
			   "DNAT rule `%s` is for no address of the firewall", rule->path);
	for (size_t i = 0; i < rule->n_dst; i++)
		if (!has_address(d, config, &rule->dst[i]))
			diag_error(d->diags, rule->place, "name one of its `public` addresses, or one of its subnet",
				   "`%s` of DNAT rule `%s` is no address of firewall `%s`",
				   prefix_print(rule->dst[i], text), rule->path, config->name);
	if (rule->n_dst_ports == 0)
		diag_error(d->diags, rule->place, "name a port under `dst_ports`", "DNAT rule `%s` is for no port",
			   rule->path);
}

/* Each DNAT rule against those before it. */
static void check_dnat(struct decoder *d, const struct firewall_config *config)
{
	const struct firewall_rules *rules = &config->rules;
	const struct firewall_rule *before[512];
	size_t n = 0;
	for (size_t i = 0; i < rules->n; i++)
		for (size_t k = 0; rules->collections[i].kind == FIREWALL_DNAT && k < rules->collections[i].n_rules;
		     k++) {
			const struct firewall_rule *rule = &rules->collections[i].rules[k];
			check_dnat_address(d, config, rule);
			for (size_t m = 0; m < n; m++)
				if (firewall_rules_overlap(before[m], rule))
					diag_error(d->diags, rule->place,
						   arena_printf(d->arena, "`%s` at %s translates it already",
								before[m]->path,
								diag_where(d->arena, rule->place, before[m]->place)),
						   "DNAT rules `%s` and `%s` overlap", before[m]->path, rule->path);
			if (n < sizeof before / sizeof *before)
				before[n++] = rule;
		}
}

/* ---- the loader's questions ---- */

static void decode(struct decoder *d, const struct tree *node, struct kind_item *item)
{
	struct firewall_config *config = config_of(item);
	config->subnet = NONE;
	if (!decode_section(d, node, SECTION_FIREWALL))
		return;
	decode_nat(d, NULL, config->place, NAT_PROFILE_AZURE_FIREWALL, &config->nat);
	config->nat.ports_per_worker = NAT_PORTS_SHARED;
	(void)decode_address(d, node, SECTION_FIREWALL, "address", &config->addr);
	private_ranges(d, node, config);
	const struct tree *public = tree_get(node, "public");
	size_t n = 0;
	const struct tree **items = tree_is_null(public) ? NULL : decode_some(d, public, "`public`", &n);
	be32 *found = decode_array(d, n + 1, sizeof *found);
	for (size_t i = 0; found && items && i < n; i++)
		if (decode_scalar_address(d, items[i], &found[config->nat.n_addresses]))
			config->nat.n_addresses++;
	config->nat.addresses = found;
}

static void resolve(struct decoder *d, const struct tree *node, struct kind_item *item)
{
	struct firewall_config *config = config_of(item);
	config->subnet = decode_subnet_ref(d, node, SECTION_FIREWALL, "subnet");
	decode_firewall_rules(d, tree_get(node, "rules"), &config->rules);
	check_dnat(d, config);
}

/* Azure deploys a firewall to no other subnet (azure: firewall, firewall-faq). */
static void warn(struct decoder *d, const struct kind_item *item)
{
	const struct firewall_config *config = (const struct firewall_config *)(const void *)item;
	const struct subnet_config *subnet = &d->model->subnets[config->subnet];
	if (strcmp(subnet->name, "AzureFirewallSubnet") != 0)
		diag_warning(d->diags, config->place, "name the subnet AzureFirewallSubnet",
			     "Azure refuses firewall `%s`: its subnet is called `%s`", config->name, subnet->name);
}

static void finish(const struct model *model, struct kind_item *item)
{
	const struct firewall_rules *rules = &config_of(item)->rules;
	for (size_t i = 0; i < rules->n; i++)
		for (size_t k = 0; rules->collections[i].kind == FIREWALL_DNAT && k < rules->collections[i].n_rules;
		     k++) {
			struct firewall_rule *rule = &rules->collections[i].rules[k];
			if (rule->to_host != NONE)
				rule->to = model->hosts[rule->to_host].addr;
		}
}

static bool address(const struct kind_item *item, size_t number, struct kind_address *ret)
{
	const struct firewall_config *config = (const struct firewall_config *)(const void *)item;
	if (number == 0 && config->subnet != NONE)
		*ret = (struct kind_address){config->subnet, config->addr, config->place};
	else if (number == 0)
		*ret = (struct kind_address){NONE, ADDR_NONE, config->place};
	else if (number <= config->nat.n_addresses)
		*ret = (struct kind_address){NONE, config->nat.addresses[number - 1], config->place};
	else
		return false;
	return true;
}

const struct kind_loader loader_firewall = {
	.decode = decode, .resolve = resolve, .finish = finish, .warn = warn, .address = address};

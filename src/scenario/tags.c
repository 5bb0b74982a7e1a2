/* DOC: names for prefixes: `tags`, the service tags that a scenario defines by Azure's names, and `asgs`, application
 * security groups, whose machines rules name together. The seven tags that pktpath knows by itself are rule/nsg.h's; an
 * undefined tag is an error, since only the user knows which prefixes it had.
 *
 * The machines that one rule names by application security groups stand in one network (azure:
 * application-security-groups). Groups get their prefixes once all machines have addresses. */
#include "model/elements.h"
#include "scenario/decode.h"
#include <errno.h>
#include <string.h>

/* ---- service tags ---- */

static void decode_tag(struct decoder *d, const struct tree *node)
{
	enum nsg_tag known;
	struct tag_config *tag = &d->model->tags[d->model->n_tags++];
	*tag = (struct tag_config){.name = node->key, .named.name = node->key, .place = node->key_place};
	size_t n;
	const struct tree **items = decode_some(d, node, arena_printf(d->arena, "`%s`", node->key), &n);
	struct prefix *prefixes = decode_array(d, n, sizeof *prefixes);
	if (nsg_tag_parse(tag->name, &known))
		diag_error(d->diags, node->key_place,
			   arena_printf(d->arena, "leave it out, or define one of another name, such as `%s.Region`",
					tag->name),
			   "`%s` is a tag that pktpath knows by itself", tag->name);
	for (size_t i = 0; prefixes && i < n; i++)
		if (decode_scalar_prefix(d, items[i], &prefixes[tag->named.n]))
			tag->named.n++;
	tag->named.prefixes = prefixes;
}

void decode_tags(struct decoder *d)
{
	struct model *model = d->model;
	size_t n;
	const struct tree **items = decode_map(d, tree_get(tree_get(d->root, "network"), "tags"), "tags", &n);
	model->tags = decode_array(d, n, sizeof *model->tags);
	for (size_t i = 0; model->tags && i < n; i++)
		decode_tag(d, items[i]);
}

/* The nearest of the tags that there are; how to define the one that is missing where none is near. */
static const char *tag_hint(struct decoder *d, const char *text)
{
	const struct model *model = d->model;
	const char **names = decode_array(d, model->n_tags + 2 * NSG_TAG_COUNT, sizeof *names);
	size_t n = 0;
	for (size_t i = NSG_ANY; names && i < NSG_NAMED; i++) {
		names[n++] = nsg_tag_name((enum nsg_tag)i);
		names[n++] = nsg_tag_alias((enum nsg_tag)i);
	}
	for (size_t i = 0; names && i < model->n_tags; i++)
		names[n++] = model->tags[i].name;
	const char *hint = names ? did_you_mean(d, text, names, n) : NULL;
	if (hint || !name_is_azures(text))
		return hint ? hint
			    : "a prefix such as 10.0.1.0/26, asg/NAME, or one of: any, virtual-network, internet, "
			      "azure-load-balancer, storage, sql, azure-management";
	return arena_printf(d->arena, "define it, `network: {tags: {%s: [PREFIXES]}}`, or write a prefix", text);
}

const struct nsg_named *find_tag(struct decoder *d, const char *text, struct place place)
{
	const struct model *model = d->model;
	uint32_t tag = find_by_name(model->tags, model->n_tags, text);
	if (tag != NONE)
		return &model->tags[tag].named;
	diag_error(d->diags, place, tag_hint(d, text), "`%s` is neither a prefix nor a tag", text);
	return NULL;
}

const struct nsg_named *find_service_tag(struct decoder *d, const char *text, struct place place)
{
	static const enum service_kind kinds[NSG_TAG_COUNT] = {
		[NSG_STORAGE] = SERVICE_STORAGE, [NSG_SQL] = SERVICE_SQL, [NSG_AZURE_MANAGEMENT] = SERVICE_MANAGEMENT};
	enum nsg_tag known;
	if (!nsg_tag_parse(text, &known))
		return find_tag(d, text, place);
	if (kinds[known] == SERVICE_NONE) {
		diag_error(d->diags, place, "write prefixes, or one of: any, storage, sql, azure-management",
			   "what `%s` is depends on a subnet, and this rule is of none", text);
		return NULL;
	}
	struct nsg_named *named = decode_array(d, 1, sizeof *named);
	if (!named)
		return NULL;
	named->name = text;
	named->prefixes = model_service_prefixes(d->arena, d->model, kinds[known], &named->n);
	d->error = named->prefixes ? d->error : -ENOMEM;
	return named->prefixes ? named : NULL;
}

/* ---- application security groups ---- */

void decode_asgs(struct decoder *d)
{
	struct model *model = d->model;
	const struct tree *node = tree_get(tree_get(d->root, "network"), "asgs");
	size_t n;
	const struct tree **items = tree_is_null(node) ? NULL : decode_some(d, node, "`asgs`", &n);
	if (!items)
		return;
	model->asgs = decode_array(d, n, sizeof *model->asgs);
	for (size_t i = 0; model->asgs && i < n; i++) {
		const char *name = decode_shown(items[i]);
		check_azure_name(d, name, items[i]->place);
		size_t at = 0;
		while (at < model->n_asgs && strcmp(model->asgs[at].name, name) < 0)
			at++;
		if (at < model->n_asgs && strcmp(model->asgs[at].name, name) == 0) {
			diag_error(d->diags, items[i]->place, "remove one of the two", "`%s` stands here twice", name);
			continue;
		}
		memmove(&model->asgs[at + 1], &model->asgs[at], (model->n_asgs++ - at) * sizeof *model->asgs);
		model->asgs[at] = (struct asg_config){
			.name = name, .named.name = arena_printf(d->arena, "asg/%s", name), .place = items[i]->place};
	}
}

static uint32_t asg_of_name(struct decoder *d, const char *name, struct place place)
{
	const struct model *model = d->model;
	uint32_t asg = find_by_name(model->asgs, model->n_asgs, name);
	if (asg == NONE && model->n_asgs == 0)
		diag_error(d->diags, place, arena_printf(d->arena, "declare it: `network: {asgs: [%s]}`", name),
			   "unknown application security group `%s`", name);
	else if (asg == NONE)
		unknown_name(d, place, "application security group", name, model->asgs, model->n_asgs,
			     sizeof *model->asgs);
	return asg;
}

const struct nsg_named *find_asg(struct decoder *d, const char *text, struct place place)
{
	uint32_t asg = asg_of_name(d, text + strlen("asg/"), place);
	if (asg == NONE)
		return NULL;
	d->model->asgs[asg].used = true;
	return &d->model->asgs[asg].named;
}

void decode_asgs_of(struct decoder *d, const struct tree *node, struct host_config *host)
{
	const struct tree *value = tree_get(node, "asg");
	size_t n;
	if (tree_is_null(value))
		return;
	const struct tree **items = decode_list(d, value, "`asg`", true, &n);
	host->asgs = decode_array(d, n, sizeof *host->asgs);
	for (size_t i = 0; host->asgs && i < n; i++) {
		uint32_t asg = asg_of_name(d, decode_shown(items[i]), items[i]->place);
		bool again = false;
		for (size_t k = 0; k < host->n_asgs; k++)
			again |= host->asgs[k] == asg;
		if (again)
			diag_error(d->diags, items[i]->place, "remove one of the two", "`%s` stands here twice",
				   decode_shown(items[i]));
		else if (asg != NONE)
			host->asgs[host->n_asgs++] = asg;
	}
}

static bool is_member(const struct host_config *host, uint32_t asg)
{
	for (size_t i = 0; i < host->n_asgs; i++)
		if (host->asgs[i] == asg)
			return true;
	return false;
}

static void collect_members(struct decoder *d, uint32_t index)
{
	const struct model *model = d->model;
	struct asg_config *asg = &d->model->asgs[index];
	size_t n = 0;
	for (size_t i = 0; i < model->n_hosts; i++)
		n += is_member(&model->hosts[i], index);
	struct prefix *prefixes = decode_array(d, n, sizeof *prefixes);
	for (size_t i = 0; prefixes && i < model->n_hosts; i++)
		if (is_member(&model->hosts[i], index))
			prefixes[asg->named.n++] = (struct prefix){model->hosts[i].addr, 32};
	asg->named.prefixes = prefixes;
}

static void warn_unused(struct decoder *d, const struct asg_config *asg)
{
	if (asg->named.n == 0 && asg->used)
		diag_warning(d->diags, asg->place, arena_printf(d->arena, "give a machine `asg: %s`", asg->name),
			     "no machine is in application security group `%s`: its rules match nothing", asg->name);
	else if (!asg->used)
		diag_warning(d->diags, asg->place, arena_printf(d->arena, "name it in a rule: `asg/%s`", asg->name),
			     "no rule names application security group `%s`", asg->name);
}

/* The first machine that the list names in another network than `*vnet`, which is the first one's; NULL. */
static const struct host_config *stranger_in(const struct model *model, const struct nsg_address *list, uint32_t n,
					     uint32_t *vnet)
{
	for (uint32_t i = 0; i < n; i++)
		for (size_t h = 0; list[i].tag == NSG_NAMED && h < model->n_hosts; h++) {
			const struct host_config *host = &model->hosts[h];
			for (size_t k = 0; k < host->n_asgs; k++) {
				if (&model->asgs[host->asgs[k]].named != list[i].named || host->subnet == NONE)
					continue;
				uint32_t own = model->subnets[host->subnet].vnet;
				if (*vnet != NONE && *vnet != own)
					return host;
				*vnet = own;
			}
		}
	return NULL;
}

static void check_rule_networks(struct decoder *d, const struct nsg_rule *rule)
{
	const struct model *model = d->model;
	uint32_t vnet = NONE;
	const struct host_config *stranger = stranger_in(model, rule->src, rule->n_src, &vnet);
	if (!stranger)
		stranger = stranger_in(model, rule->dst, rule->n_dst, &vnet);
	if (stranger)
		diag_error(d->diags, rule->place, "give the machines of each network a group of their own",
			   "the machines of one rule stand in one network: `%s` is in `%s`, others are in `%s`",
			   stranger->name, model->vnets[model->subnets[stranger->subnet].vnet].name,
			   model->vnets[vnet].name);
}

static bool stands_in(const struct nsg_rules *rules, const struct nsg_rule *rule)
{
	for (unsigned direction = 0; direction < NSG_DIRECTION_COUNT; direction++)
		for (uint32_t i = 0; i < rules->n[direction]; i++)
			if (rules->rules[direction][i].place.line == rule->place.line &&
			    rules->rules[direction][i].place.column == rule->place.column)
				return true;
	return false;
}

/* `known`: a rule that stands there is checked already; NULL. */
static void check_rules(struct decoder *d, const struct nsg_rules *rules, const struct nsg_rules *known)
{
	for (unsigned direction = 0; direction < NSG_DIRECTION_COUNT; direction++)
		for (uint32_t i = 0; i < rules->n[direction]; i++)
			if (!known || !stands_in(known, &rules->rules[direction][i]))
				check_rule_networks(d, &rules->rules[direction][i]);
}

void resolve_asgs(struct decoder *d)
{
	for (uint32_t i = 0; i < d->model->n_asgs; i++)
		collect_members(d, i);
}

void check_asgs(struct decoder *d)
{
	const struct model *model = d->model;
	for (uint32_t i = 0; i < model->n_asgs; i++)
		warn_unused(d, &model->asgs[i]);
	for (size_t i = 0; model->n_asgs > 0 && i < model->n_nsgs; i++)
		check_rules(d, &model->nsgs[i].rules, NULL);
	for (size_t i = 0; model->n_asgs > 0 && i < model->n_events; i++)
		if (model->events[i].kind == EVENT_NSG && model->events[i].nsg != NONE)
			check_rules(d, &model->events[i].rules, &model->nsgs[model->events[i].nsg].rules);
}

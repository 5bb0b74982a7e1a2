/* DOC: the top level, and the sections `regions`, `links` and `vnets`. */
#include "base/units.h"
#include "model/defaults.h"
#include "scenario/kinds.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void check_reserved(struct decoder *d, const char *name, struct place place)
{
	static const char *const reserved[] = {"internet", "backbone", "region", "gateway", "azure-dns", "public-dns"};
	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (strcasecmp(name, reserved[i]) == 0)
			diag_error(d->diags, place, "choose another name", "`%s` is the name of a point of the network",
				   name);
	be32 addr;
	if (addr_parse(name, &addr))
		diag_error(d->diags, place, "choose another name", "`%s` is an address, and no name", name);
}

void decode_top(struct decoder *d)
{
	struct model *model = d->model;
	int64_t seed;
	decode_section(d, d->root, SECTION_TOP);
	int64_t version;
	(void)decode_int(d, d->root, SECTION_TOP, "scenario", &version);
	const char *name = decode_text(d, d->root, SECTION_TOP, "name");
	if (name) {
		check_name(d, name, decode_place(d->root, "name"));
		model->name = name;
	} else if (!decode_has(d->root, "name") && !name_is_valid(model->name)) {
		diag_error(d->diags, d->root->place, "give one: `name: my-scenario`",
			   "the file's stem `%s` is no name for the output", model->name);
	}
	model->about = decode_text(d, d->root, SECTION_TOP, "about");
	if (decode_int(d, d->root, SECTION_TOP, "seed", &seed))
		model->seed = (uint64_t)seed;
	const char *start = decode_text(d, d->root, SECTION_TOP, "start");
	if (start && units_wall_time(start, &model->start_unix_ns) != UNITS_OK)
		diag_error(d->diags, decode_place(d->root, "start"),
			   "such as 2015-12-17T00:00:00Z, in UTC, from 1970 to 2200", "`%s` is not a time", start);
	model->has_stop = decode_duration(d, d->root, SECTION_TOP, "stop", &model->stop_ns);
}

/* ---- regions ---- */

static void decode_regions(struct decoder *d, const struct tree *network)
{
	struct model *model = d->model;
	const struct tree *node = tree_get(network, "regions");
	size_t n;
	const struct tree **items = decode_map(d, node, "regions", &n);
	model->regions = decode_array(d, n ? n : 1, sizeof *model->regions);
	if (!model->regions)
		return;
	for (size_t i = 0; i < n; i++) {
		decode_section(d, items[i], SECTION_REGION);
		model->regions[model->n_regions++] = (struct region_config){items[i]->key, items[i]->key_place};
	}
	if (model->n_regions == 0)
		model->regions[model->n_regions++] = (struct region_config){"region", PLACE_NONE};
}

/* The region that a key names; the only one where it is absent. NONE with a diagnostic. */
uint32_t decode_region(struct decoder *d, const struct tree *node, enum section section)
{
	const struct model *model = d->model;
	const char *name = decode_text(d, node, section, "region");
	if (!name) {
		if (model->n_regions == 1)
			return 0;
		diag_error(d->diags, node->place, "the scenario has several regions: say which with `region`",
			   "%s needs `region`", section_name(section));
		return NONE;
	}
	uint32_t region = find_by_name(model->regions, model->n_regions, name);
	if (region == NONE)
		unknown_name(d, decode_place(node, "region"), "region", name, model->regions, model->n_regions,
			     sizeof *model->regions);
	return region;
}

/* ---- links ---- */

static void decode_links(struct decoder *d, const struct tree *network)
{
	const struct tree *links = tree_get(network, "links");
	if (!tree_is_null(links))
		decode_section(d, links, SECTION_LINKS);
	for (size_t i = 0; i < LINK_CLASS_COUNT; i++) {
		struct link_config *link = &d->model->links[i];
		const struct tree *node = tree_get(links, link_class_name((enum link_class)i));
		*link = (struct link_config){.up = true};
		(void)units_duration(default_latency((enum link_class)i), &link->latency_ns);
		if (tree_is_null(node) || !decode_section(d, node, SECTION_LINK))
			continue;
		unsigned state;
		link->place = node->key_place;
		(void)decode_duration(d, node, SECTION_LINK, "latency", &link->latency_ns);
		(void)decode_duration(d, node, SECTION_LINK, "jitter", &link->jitter_ns);
		(void)decode_fraction(d, node, SECTION_LINK, "loss", &link->loss_parts);
		(void)decode_rate(d, node, SECTION_LINK, "rate", &link->rate_bits_per_s);
		(void)decode_size(d, node, SECTION_LINK, "queue", &link->queue_bytes);
		if (decode_has(node, "queue") && !decode_has(node, "rate"))
			diag_warning(d->diags, tree_get(node, "queue")->key_place, "give a `rate`, too",
				     "without `rate` there is no queue, and `queue` has no effect");
		if (decode_enum(d, node, SECTION_LINK, "state", &state))
			link->up = state == 0;
	}
}

/* ---- VNets ---- */

/* The place of one prefix of `space`. */
static struct place place_in_space(const struct tree *node, struct prefix prefix)
{
	char text[PREFIX_TEXT_BYTES];
	const struct tree *space = tree_get(node, "space");
	for (const struct tree *item = space->kind == TREE_LIST ? space->first : NULL; item; item = item->next)
		if (item->kind == TREE_SCALAR && strcmp(item->text, prefix_print(prefix, text)) == 0)
			return item->place;
	return space->place;
}

static void check_space(struct decoder *d, const struct tree *node, const struct prefix *space, size_t n)
{
	size_t n_forbidden;
	const char *const *forbidden = default_forbidden_space(&n_forbidden);
	for (size_t i = 0; i < n; i++) {
		char a[PREFIX_TEXT_BYTES], b[PREFIX_TEXT_BYTES];
		struct prefix prefix;
		for (size_t k = 0; k < n_forbidden; k++)
			if (prefix_parse(forbidden[k], &prefix) == PREFIX_OK && prefix_overlaps(space[i], prefix)) {
				diag_error(d->diags, place_in_space(node, space[i]),
					   "choose another range, such as 10.0.0.0/16",
					   "Azure does not allow %s in a VNet (%s)", prefix_print(space[i], a),
					   forbidden[k]);
				break;
			}
		for (size_t k = 0; k < i; k++)
			if (prefix_overlaps(space[i], space[k]))
				diag_error(d->diags, place_in_space(node, space[i]), "remove one", "%s and %s overlap",
					   prefix_print(space[k], a), prefix_print(space[i], b));
	}
}

static bool in_space(const struct vnet_config *vnet, struct prefix cidr)
{
	for (size_t i = 0; i < vnet->n_space; i++)
		if (prefix_within(cidr, vnet->space[i]))
			return true;
	return false;
}

/* The place of one range of `cidr`. */
static struct place place_of_range(const struct tree *node, size_t number)
{
	const struct tree *value = tree_get(node, "cidr"),
			  *item = value && value->kind == TREE_LIST ? value->first : NULL;
	for (; item && number > 0; number--)
		item = item->next;
	return item ? item->place : decode_place(node, "cidr");
}

static void check_overlap(struct decoder *d, const struct tree *node, const struct subnet_config *subnet, size_t number,
			  const struct subnet_config *other)
{
	char text[PREFIX_TEXT_BYTES];
	for (size_t i = 0; i < other->n_cidrs; i++) {
		if (!prefix_overlaps(other->cidrs[i], subnet->cidrs[number]))
			continue;
		struct place place = place_of_range(node, number);
		diag_error(d->diags, place,
			   arena_printf(d->arena, "`%s` at %s is %s", other->name,
					diag_where(d->arena, place, other->place), prefix_print(other->cidrs[i], text)),
			   "subnets `%s` and `%s` overlap", other->name, subnet->name);
	}
}

static void check_range(struct decoder *d, const struct tree *node, const struct subnet_config *subnet, size_t number)
{
	const struct vnet_config *vnet = &d->model->vnets[subnet->vnet];
	struct prefix range = subnet->cidrs[number];
	char a[PREFIX_TEXT_BYTES], b[PREFIX_TEXT_BYTES];
	if (range.length > SUBNET_LONGEST_PREFIX)
		diag_error(d->diags, place_of_range(node, number),
			   "use a /29 or larger: Azure keeps five addresses of each subnet", "subnet %s is too small",
			   prefix_print(range, a));
	else if (vnet->n_space > 0 && !in_space(vnet, range))
		diag_error(d->diags, place_of_range(node, number),
			   arena_printf(d->arena, "the VNet's space begins with %s", prefix_print(vnet->space[0], b)),
			   "subnet %s lies outside the space of VNet `%s`", prefix_print(range, a), vnet->name);
	for (size_t i = 0; i < number; i++)
		if (prefix_overlaps(subnet->cidrs[i], range))
			diag_error(d->diags, place_of_range(node, number), "remove one", "%s and %s overlap",
				   prefix_print(subnet->cidrs[i], a), prefix_print(range, b));
	for (size_t i = model_first_subnet(d->model, subnet->vnet); i < d->model->n_subnets; i++)
		check_overlap(d, node, subnet, number, &d->model->subnets[i]);
}

/* One range or a list. What is wrong is known by name, and checked no further: its first range is then a /32. */
static void decode_ranges(struct decoder *d, const struct tree *node, struct subnet_config *subnet)
{
	subnet->cidr = (struct prefix){.length = 32};
	if (!decode_has(node, "cidr") || !decode_prefixes(d, node, "cidr", &subnet->cidrs, &subnet->n_cidrs) ||
	    subnet->n_cidrs == 0) {
		subnet->n_cidrs = 0;
		return;
	}
	subnet->cidr = subnet->cidrs[0];
	for (size_t i = 0; i < subnet->n_cidrs; i++)
		check_range(d, node, subnet, i);
}

static void decode_subnet(struct decoder *d, const struct tree *node, uint32_t vnet_index)
{
	struct subnet_config subnet = {.name = node->key,
				       .vnet = vnet_index,
				       .cidr = {.length = 32},
				       .nsg = NONE,
				       .routes = NONE,
				       .place = node->key_place};
	if (decode_section(d, node, SECTION_SUBNET)) {
		decode_ranges(d, node, &subnet);
		(void)decode_bool(d, node, SECTION_SUBNET, "private", &subnet.is_private);
	}
	subnet.nsg = decode_nsg_ref(d, node, SECTION_SUBNET);
	subnet.routes = decode_routes_ref(d, node, SECTION_SUBNET);
	decode_kinds_of_subnet(d, node, &subnet);
	decode_service_endpoints(d, node, &subnet);
	d->model->subnets[d->model->n_subnets++] = subnet;
}

static void decode_vnets(struct decoder *d, const struct tree *network)
{
	struct model *model = d->model;
	size_t n, n_subnets = 0;
	const struct tree **items = decode_map(d, tree_get(network, "vnets"), "vnets", &n);
	model->vnets = decode_array(d, n, sizeof *model->vnets);
	for (size_t i = 0; i < n; i++)
		n_subnets += tree_count(items[i], "subnets");
	model->subnets = decode_array(d, n_subnets, sizeof *model->subnets);
	if (!model->vnets || !model->subnets)
		return;
	for (size_t i = 0; i < n; i++) {
		struct vnet_config *vnet = &model->vnets[model->n_vnets++];
		*vnet = (struct vnet_config){.name = items[i]->key, .remote = NONE, .place = items[i]->key_place};
		check_reserved(d, vnet->name, vnet->place);
		if (!decode_section(d, items[i], SECTION_VNET))
			continue;
		vnet->region = decode_region(d, items[i], SECTION_VNET);
		bool sound = decode_prefixes(d, items[i], "space", &vnet->space, &vnet->n_space);
		check_space(d, items[i], vnet->space, vnet->n_space);
		if (!sound)
			vnet->n_space = 0; /* what lies inside is not known */
		size_t n_items;
		const struct tree **subnets = decode_map(d, tree_get(items[i], "subnets"), "subnets", &n_items);
		for (size_t k = 0; k < n_items; k++)
			decode_subnet(d, subnets[k], (uint32_t)i);
	}
}

void decode_network(struct decoder *d)
{
	const struct tree *network = tree_get(d->root, "network");
	if (!tree_is_null(network))
		decode_section(d, network, SECTION_NETWORK);
	decode_regions(d, network);
	decode_links(d, network);
	decode_tags(d);
	decode_asgs(d);
	decode_nsgs(d);
	decode_route_tables(d);
	decode_kinds(d);
	decode_vnets(d, network);
	decode_peers(d, tree_get(network, "vnets"));
}

/* VNET/SUBNET of the subnet that has this prefix; NULL. */
static const char *subnet_with(const struct decoder *d, struct prefix prefix)
{
	const struct model *model = d->model;
	for (size_t i = 0; i < model->n_subnets; i++)
		for (size_t k = 0; k < model->subnets[i].n_cidrs; k++) {
			const struct prefix *cidr = &model->subnets[i].cidrs[k];
			if (be32_equal(cidr->addr, prefix.addr) && cidr->length == prefix.length)
				return arena_printf(d->arena, "%s/%s", model->vnets[model->subnets[i].vnet].name,
						    model->subnets[i].name);
		}
	return NULL;
}

/* A prefix in the place of the subnet's name. */
static bool is_prefix(struct decoder *d, const char *text, struct place place)
{
	struct prefix prefix;
	if (prefix_parse(text, &prefix) == PREFIX_SYNTAX)
		return false;
	const struct model *model = d->model;
	const char *name = subnet_with(d, prefix), *hint = "write VNET/SUBNET; the prefix of a subnet is its `cidr`";
	if (name)
		hint = arena_printf(d->arena, "write VNET/SUBNET: `%s` has this prefix", name);
	else if (model->n_subnets > 0)
		hint = arena_printf(d->arena, "write VNET/SUBNET, such as `%s/%s`",
				    model->vnets[model->subnets[0].vnet].name, model->subnets[0].name);
	diag_error(d->diags, place, hint, "`%s` is a prefix, and a subnet goes by its name here", text);
	return true;
}

uint32_t decode_subnet_ref(struct decoder *d, const struct tree *node, enum section section, const char *key)
{
	const struct model *model = d->model;
	const char *text = decode_text(d, node, section, key);
	if (!text || is_prefix(d, text, decode_place(node, key)))
		return NONE;
	const char *slash = strchr(text, '/');
	char *vnet_name = slash ? arena_strndup(d->arena, text, (size_t)(slash - text)) : NULL;
	if (!vnet_name) {
		diag_error(d->diags, decode_place(node, key), "write VNET/SUBNET", "`%s` is not a subnet", text);
		return NONE;
	}
	uint32_t vnet = find_by_name(model->vnets, model->n_vnets, vnet_name);
	if (vnet == NONE) {
		unknown_name(d, decode_place(node, key), "VNet", vnet_name, model->vnets, model->n_vnets,
			     sizeof *model->vnets);
		return NONE;
	}
	size_t first = 0;
	while (first < model->n_subnets && model->subnets[first].vnet != vnet)
		first++;
	size_t n = 0;
	while (first + n < model->n_subnets && model->subnets[first + n].vnet == vnet)
		n++;
	uint32_t subnet = find_by_name(model->subnets + first, n, slash + 1);
	if (subnet != NONE)
		return (uint32_t)first + subnet;
	unknown_name(d, decode_place(node, key), arena_printf(d->arena, "subnet of VNet `%s`:", vnet_name), slash + 1,
		     model->subnets + first, n, sizeof *model->subnets);
	return NONE;
}

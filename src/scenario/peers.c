/* DOC: `peers` of a network. The list form is both sides of each peering, with access and forwarded traffic on. The map
 * form is one's own side, key by key with Azure's defaults, and replaces what a list says of that side; the other side
 * is the other network's to give. Where only one of them has a side nothing passes (azure:
 * virtual-network-manage-peering).
 *
 * Transit: a network uses the gateway of one peer, where both sides say so, the peer has a gateway and the network has
 * none of its own (azure: vpn-gateway-peering-gateway-transit). */
#include "scenario/decode.h"
#include <string.h>

/* ---- sides ---- */

static const struct peering_config *find_side(const struct model *model, uint32_t vnet, uint32_t other)
{
	const struct vnet_config *config = &model->vnets[vnet];
	size_t at = peering_before(config->peerings, config->n_peerings, other);
	return at < config->n_peerings && config->peerings[at].vnet == other ? &config->peerings[at] : NULL;
}

/* Doubles at each power of two. */
static struct peering_config *with_room(struct decoder *d, const struct vnet_config *config)
{
	size_t n = config->n_peerings;
	if (n > 0 && (n < 4 || (n & (n - 1)) != 0))
		return config->peerings;
	struct peering_config *grown = decode_array(d, n < 4 ? 4 : 2 * n, sizeof *grown);
	if (grown && n > 0)
		memcpy(grown, config->peerings, n * sizeof *grown);
	return grown;
}

/* A side that is there already is replaced by the map's alone. */
static void put_side(struct decoder *d, uint32_t vnet, const struct peering_config *side)
{
	struct vnet_config *config = &d->model->vnets[vnet];
	size_t at = peering_before(config->peerings, config->n_peerings, side->vnet);
	bool is_there = at < config->n_peerings && config->peerings[at].vnet == side->vnet;
	if (is_there && !side->by_map)
		return;
	if (!is_there) {
		struct peering_config *sides = with_room(d, config);
		if (!sides)
			return;
		config->peerings = sides;
		memmove(&config->peerings[at + 1], &config->peerings[at],
			(config->n_peerings - at) * sizeof *config->peerings);
		config->n_peerings++;
	}
	config->peerings[at] = *side;
}

static void check_spaces(struct decoder *d, const struct vnet_config *a, const struct vnet_config *b,
			 struct place place)
{
	char one[PREFIX_TEXT_BYTES], other[PREFIX_TEXT_BYTES];
	for (size_t i = 0; i < a->n_space; i++)
		for (size_t k = 0; k < b->n_space; k++)
			if (prefix_overlaps(a->space[i], b->space[k]))
				diag_error(d->diags, place, "only VNets whose address spaces are apart can be peers",
					   "%s of VNet `%s` and %s of VNet `%s` overlap",
					   prefix_print(a->space[i], one), a->name, prefix_print(b->space[k], other),
					   b->name);
}

/* The network that a list or a map names; NONE with a diagnostic. */
static uint32_t peer_of(struct decoder *d, uint32_t vnet, const char *name, struct place place)
{
	const struct model *model = d->model;
	uint32_t peer = find_by_name(model->vnets, model->n_vnets, name);
	if (peer == NONE) {
		unknown_name(d, place, "VNet", name, model->vnets, model->n_vnets, sizeof *model->vnets);
	} else if (peer == vnet) {
		diag_error(d->diags, place, "name another VNet", "VNet `%s` is no peer of itself", name);
		peer = NONE;
	} else {
		check_spaces(d, &model->vnets[vnet], &model->vnets[peer], place);
	}
	return peer;
}

static void decode_list_form(struct decoder *d, const struct tree *value, uint32_t vnet)
{
	size_t n;
	const struct tree **items = decode_list(d, value, "`peers`", true, &n);
	for (size_t i = 0; i < n; i++) {
		struct peering_config side = {.switches = {.access = true, .forwarded = true},
					      .place = items[i]->place};
		side.vnet = peer_of(d, vnet, decode_shown(items[i]), items[i]->place);
		if (side.vnet == NONE)
			continue;
		put_side(d, vnet, &side);
		uint32_t peer = side.vnet;
		side.vnet = vnet;
		put_side(d, peer, &side);
	}
}

static void decode_map_form(struct decoder *d, const struct tree *value, uint32_t vnet)
{
	size_t n;
	const struct tree **items = decode_map(d, value, "peers", &n);
	d->model->vnets[vnet].has_peer_map = true;
	for (size_t i = 0; i < n; i++) {
		struct peering_config side = {.by_map = true, .place = items[i]->key_place};
		struct peering_switches *switches = &side.switches;
		side.vnet = peer_of(d, vnet, items[i]->key, items[i]->key_place);
		if (!decode_section(d, items[i], SECTION_PEERING) || side.vnet == NONE)
			continue;
		(void)decode_bool(d, items[i], SECTION_PEERING, "access", &switches->access);
		(void)decode_bool(d, items[i], SECTION_PEERING, "forwarded", &switches->forwarded);
		(void)decode_bool(d, items[i], SECTION_PEERING, "gateway_transit", &switches->gateway_transit);
		(void)decode_bool(d, items[i], SECTION_PEERING, "use_remote_gateway", &switches->use_remote_gateway);
		side.remote_place = decode_place(items[i], "use_remote_gateway");
		put_side(d, vnet, &side);
	}
}

/* Peers are those with which both have a side. */
static void settle(struct decoder *d, uint32_t vnet)
{
	struct model *model = d->model;
	struct vnet_config *config = &model->vnets[vnet];
	config->peers = decode_array(d, config->n_peerings, sizeof *config->peers);
	for (size_t i = 0; config->peers && i < config->n_peerings; i++) {
		const struct peering_config *side = &config->peerings[i];
		const char *other = model->vnets[side->vnet].name;
		if (find_side(model, side->vnet, vnet))
			config->peers[config->n_peers++] = side->vnet;
		else
			diag_warning(
				d->diags, side->place,
				arena_printf(d->arena, "give it one: `peers: {%s: {}}` of `%s`", config->name, other),
				"`%s` has no side of the peering with `%s`: nothing passes between them", other,
				config->name);
	}
}

void decode_peers(struct decoder *d, const struct tree *vnets)
{
	const struct model *model = d->model;
	for (int pass = 0; pass < 2; pass++) /* lists, then maps, which replace */
		for (uint32_t i = 0; i < model->n_vnets; i++) {
			const struct tree *value = tree_get(tree_get(vnets, model->vnets[i].name), "peers");
			bool is_map = value && value->kind == TREE_MAP;
			if (is_map && pass == 1)
				decode_map_form(d, value, i);
			else if (!is_map && pass == 0)
				decode_list_form(d, value, i);
		}
	for (uint32_t i = 0; i < model->n_vnets; i++)
		settle(d, i);
}

/* ---- gateway transit ---- */

static const struct site_config *gateway_of(const struct model *model, uint32_t vnet)
{
	for (size_t i = 0; i < model->n_sites; i++)
		if (model->sites[i].has_gateway && model->sites[i].vnet == vnet)
			return &model->sites[i];
	return NULL;
}

/* What is wrong with this use of a remote gateway, and the way out; NULL where nothing is. */
static const char *refusal(struct decoder *d, uint32_t vnet, const struct peering_config *side, const char **ret_hint)
{
	const struct model *model = d->model;
	const struct vnet_config *own = &model->vnets[vnet], *hub = &model->vnets[side->vnet];
	const struct peering_config *there = find_side(model, side->vnet, vnet);
	const struct site_config *site = gateway_of(model, vnet);
	if (site) {
		*ret_hint = arena_printf(d->arena, "leave one of the two out: the gateway of `%s` joins `%s`",
					 site->name, own->name);
		return arena_printf(d->arena, "`%s` has a gateway of its own, and cannot use that of `%s` besides",
				    own->name, hub->name);
	}
	if (own->remote != NONE) {
		*ret_hint = "leave one of the two out";
		return arena_printf(d->arena,
				    "a network uses one remote gateway at most: `%s` uses that of `%s` already",
				    own->name, model->vnets[own->remote].name);
	}
	if (!gateway_of(model, side->vnet)) {
		*ret_hint = arena_printf(d->arena, "join a site to it, `gateway: {vnet: %s, ...}`, or leave this out",
					 hub->name);
		return arena_printf(d->arena, "`%s` has no gateway that `%s` could use", hub->name, own->name);
	}
	if (there && !there->switches.gateway_transit) {
		*ret_hint = arena_printf(d->arena, "set it there: `peers: {%s: {gateway_transit: true}}` of `%s`",
					 own->name, hub->name);
		return arena_printf(d->arena, "`%s` does not offer its gateway to `%s`", hub->name, own->name);
	}
	return NULL;
}

/* The site knows the network from now on: their addresses are apart. */
static void check_against_sites(struct decoder *d, uint32_t vnet, const struct peering_config *side)
{
	const struct model *model = d->model;
	const struct vnet_config *config = &model->vnets[vnet];
	char a[PREFIX_TEXT_BYTES], b[PREFIX_TEXT_BYTES];
	for (size_t s = 0; s < model->n_sites; s++) {
		const struct site_config *site = &model->sites[s];
		for (size_t i = 0; site->has_gateway && site->vnet == side->vnet && i < site->n_prefixes; i++)
			for (size_t k = 0; k < config->n_space; k++)
				if (prefix_overlaps(site->prefixes[i], config->space[k]))
					diag_error(d->diags, side->remote_place,
						   "a gateway joins networks that do not overlap",
						   "%s of site `%s` and %s of VNet `%s` overlap",
						   prefix_print(site->prefixes[i], a), site->name,
						   prefix_print(config->space[k], b), config->name);
	}
}

void check_transit(struct decoder *d)
{
	struct model *model = d->model;
	for (uint32_t i = 0; i < model->n_vnets; i++)
		for (size_t k = 0; k < model->vnets[i].n_peerings; k++) {
			const struct peering_config *side = &model->vnets[i].peerings[k];
			const char *hint = NULL;
			if (!side->switches.use_remote_gateway)
				continue;
			const char *wrong = refusal(d, i, side, &hint);
			if (wrong) {
				diag_error(d->diags, side->remote_place, hint, "%s", wrong);
				continue;
			}
			check_against_sites(d, i, side);
			if (find_side(model, side->vnet, i))
				model->vnets[i].remote = side->vnet;
		}
}

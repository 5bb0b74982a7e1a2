/* DOC: the section `sites`: private networks outside Azure. Their machines stand under `hosts`. */
#include "scenario/decode.h"
#include <string.h>

static void check_against_vnet(struct decoder *d, const struct tree *node, const struct site_config *site)
{
	const struct vnet_config *vnet = &d->model->vnets[site->vnet];
	char a[PREFIX_TEXT_BYTES], b[PREFIX_TEXT_BYTES];
	for (size_t i = 0; i < site->n_prefixes; i++)
		for (size_t k = 0; k < vnet->n_space; k++)
			if (prefix_overlaps(site->prefixes[i], vnet->space[k]))
				diag_error(d->diags, decode_place(node, "prefixes"),
					   "a gateway joins networks that do not overlap",
					   "%s of site `%s` and %s of VNet `%s` overlap",
					   prefix_print(site->prefixes[i], a), site->name,
					   prefix_print(vnet->space[k], b), vnet->name);
}

static void decode_gateway(struct decoder *d, const struct tree *node, struct site_config *site)
{
	const struct model *model = d->model;
	const struct tree *gateway = tree_get(node, "gateway");
	unsigned kind;
	if (tree_is_null(gateway))
		return;
	site->gateway_place = site->advertises_place = gateway->key_place;
	if (!decode_section(d, gateway, SECTION_GATEWAY))
		return;
	const char *name = decode_text(d, gateway, SECTION_GATEWAY, "vnet");
	site->vnet = name ? find_by_name(model->vnets, model->n_vnets, name) : NONE;
	site->has_gateway = site->vnet != NONE;
	if (name && site->vnet == NONE)
		unknown_name(d, decode_place(gateway, "vnet"), "VNet", name, model->vnets, model->n_vnets,
			     sizeof *model->vnets);
	if (decode_enum(d, gateway, SECTION_GATEWAY, "kind", &kind))
		site->kind = kind == 0 ? GATEWAY_VPN : GATEWAY_EXPRESS_ROUTE;
	(void)decode_bool(d, gateway, SECTION_GATEWAY, "clamp_mss", &site->clamp_mss);
	site->advertises = site->prefixes;
	site->n_advertises = site->n_prefixes;
	if (decode_has(gateway, "advertises")) {
		(void)decode_prefixes(d, gateway, "advertises", &site->advertises, &site->n_advertises);
		site->advertises_place = tree_get(gateway, "advertises")->key_place;
	}
	if (site->has_gateway)
		check_against_vnet(d, node, site);
}

static void decode_site(struct decoder *d, const struct tree *node, struct site_config *site)
{
	char a[PREFIX_TEXT_BYTES], b[PREFIX_TEXT_BYTES];
	check_reserved(d, site->name, site->place);
	if (!decode_section(d, node, SECTION_SITE))
		return;
	(void)decode_prefixes(d, node, "prefixes", &site->prefixes, &site->n_prefixes);
	for (size_t i = 0; i < site->n_prefixes; i++)
		for (size_t k = 0; k < i; k++)
			if (prefix_overlaps(site->prefixes[i], site->prefixes[k]))
				diag_error(d->diags, decode_place(node, "prefixes"), "remove one", "%s and %s overlap",
					   prefix_print(site->prefixes[k], a), prefix_print(site->prefixes[i], b));
	decode_gateway(d, node, site);
	const struct tree *nat = tree_get(node, "nat");
	if (tree_is_null(nat))
		return;
	site->has_nat = true;
	decode_nat(d, nat, nat->key_place, NAT_PROFILE_HOME, &site->nat);
	if (!decode_has(nat, "address"))
		diag_error(d->diags, nat->key_place, "address: 203.0.113.1, its public address",
			   "the NAT of a site needs `address`");
}

void decode_sites(struct decoder *d)
{
	struct model *model = d->model;
	size_t n;
	const struct tree **items = decode_map(d, tree_get(tree_get(d->root, "network"), "sites"), "sites", &n);
	model->sites = decode_array(d, n, sizeof *model->sites);
	for (size_t i = 0; model->sites && i < n; i++) {
		struct site_config *site = &model->sites[model->n_sites++];
		*site = (struct site_config){.name = items[i]->key, .vnet = NONE, .place = items[i]->key_place};
		decode_site(d, items[i], site);
	}
}

uint32_t decode_site_ref(struct decoder *d, const struct tree *node, enum section section)
{
	const struct model *model = d->model;
	const char *name = decode_text(d, node, section, "site");
	uint32_t site = name ? find_by_name(model->sites, model->n_sites, name) : NONE;
	if (name && site == NONE)
		unknown_name(d, decode_place(node, "site"), "site", name, model->sites, model->n_sites,
			     sizeof *model->sites);
	return site;
}

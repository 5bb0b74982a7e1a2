/* DOC: subnets that one thing has for itself: that of an environment of v3, and that into which a web app is integrated.
 * Azure delegates them: nothing else may stand there (environment/networking, overview-vnet-integration). */
#include "scenario/delegated.h"
#include "model/web_app.h"
#include "scenario/kinds.h"

#define INTEGRATED_LONGEST_PREFIX 28u

struct collecting {
	struct occupant *items;
	size_t n;
};

static void note(struct collecting *all, const char *what, const char *name, struct place place)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].name == name)
			return;
	all->items[all->n++] = (struct occupant){what, name, place};
}

static void collect_kinds(const struct model *model, uint32_t subnet, struct collecting *all)
{
	struct kind_address address;
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++)
		for (size_t i = 0; i < kind_n(model, kind); i++) {
			const struct kind_loader *loader = kind_loader(kind);
			const struct kind_item *item = kind_item(model, kind, i);
			bool here = loader->takes_subnet && loader->takes_subnet(item) == subnet;
			for (size_t k = 0; !here && loader->address && loader->address(item, k, &address); k++)
				here = address.subnet == subnet;
			if (here)
				note(all, kind_words(kind), item->name, item->place);
		}
}

size_t subnet_occupants(struct decoder *d, uint32_t subnet, struct occupant **ret)
{
	const struct model *model = d->model;
	size_t n = model->n_hosts + model->n_ases + model->n_frontends;
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++)
		n += kind_n(model, kind);
	struct collecting all = {.items = decode_array(d, n, sizeof *all.items)};
	*ret = all.items;
	if (!all.items)
		return 0;
	for (size_t i = 0; i < model->n_hosts; i++)
		if (model->hosts[i].kind == HOST_VM && model->hosts[i].subnet == subnet)
			note(&all, "host", model->hosts[i].name, model->hosts[i].place);
	for (size_t i = 0; i < model->n_ases; i++)
		if (model->ases[i].subnet == subnet)
			note(&all, "environment", model->ases[i].name, model->ases[i].place);
	for (size_t i = 0; i < model->n_frontends; i++)
		if (model->frontends[i].is_internal && model->frontends[i].subnet == subnet)
			note(&all, "frontend", model->frontends[i].name, model->frontends[i].place);
	collect_kinds(model, subnet, &all);
	return all.n;
}

/* ---- the subnet into which a web app is integrated ---- */

static void check_integrated(struct decoder *d, const struct web_app_config *config)
{
	const struct model *model = d->model;
	const struct subnet_config *subnet = &model->subnets[config->subnet];
	uint32_t region = model->vnets[subnet->vnet].region;
	char text[PREFIX_TEXT_BYTES];
	struct occupant *others;
	if (config->region != NONE && region != NONE && region != config->region)
		diag_error(d->diags, config->subnet_place, "integrate it into a network of its own region",
			   "subnet `%s` is in region %s, and web app `%s` is in %s", subnet->name,
			   model->regions[region].name, config->name, model->regions[config->region].name);
	if (subnet->cidr.length > INTEGRATED_LONGEST_PREFIX && subnet->cidr.length < 32)
		diag_error(d->diags, config->subnet_place, "use a /28 or larger",
			   "subnet `%s` (%s) is too small for the integration of a web app", subnet->name,
			   prefix_print(subnet->cidr, text));
	size_t n = subnet_occupants(d, config->subnet, &others);
	for (size_t i = 0; i < n; i++)
		if (others[i].name != config->name) {
			diag_error(d->diags, config->subnet_place, "give it a subnet of its own",
				   "subnet `%s` is not empty: %s `%s` stands in it", subnet->name, others[i].what,
				   others[i].name);
			return;
		}
}

void check_integration(struct decoder *d)
{
	const struct model *model = d->model;
	for (size_t i = 0; i < model->n_web_apps; i++)
		if (model->web_apps[i].subnet != NONE)
			check_integrated(d, &model->web_apps[i]);
}

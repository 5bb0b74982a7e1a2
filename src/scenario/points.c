/* DOC: names of points: hosts, ASE/vip, ASE/worker-N, ASE/front-end-N, region/NAME, backbone, internet, VNET/outbound
 * and the resolvers. And which two of them a link joins:
 *
 *   machine -- machine, of one VNet            azure-dns -- machine
 *   region/R -- VIP, service, VM with a public address, VNET/outbound of that region
 *   region/R -- backbone, region/R -- internet, internet -- host on the Internet, internet -- public-dns, internet --
 *   SITE/nat gateway/S -- machine of the VNet, gateway/S -- machine of the site, gateway/S -- S/nat, machine --
 *   machine, of one site */
#include "scenario/decode.h"
#include "scenario/load.h"
#include <string.h>

const char *point_name(struct arena *arena, const struct model *model, struct point point)
{
	switch (point.kind) {
	case POINT_HOST:
		return model->hosts[point.index].name;
	case POINT_VIP:
		return arena_printf(arena, "%s/vip", model->ases[point.index].name);
	case POINT_FRONT_END:
		return arena_printf(arena, "%s/front-end-%u", model->ases[point.index].name, point.sub);
	case POINT_WORKER:
		return arena_printf(arena, "%s/worker-%u", model->ases[point.index].name, point.sub);
	case POINT_REGION:
		return arena_printf(arena, "region/%s", model->regions[point.index].name);
	case POINT_BACKBONE:
		return "backbone";
	case POINT_INTERNET:
		return "internet";
	case POINT_OUTBOUND:
		return arena_printf(arena, "%s/outbound", model->vnets[point.index].name);
	case POINT_DNS:
		return "azure-dns";
	case POINT_PUBLIC_DNS:
		return "public-dns";
	case POINT_GATEWAY:
		return arena_printf(arena, "gateway/%s", model->sites[point.index].name);
	case POINT_SITE_NAT:
		return arena_printf(arena, "%s/nat", model->sites[point.index].name);
	}
	return "";
}

static bool parse_plain(const struct model *model, const char *text, struct point *ret)
{
	static const struct {
		const char *name;
		enum point_kind kind;
	} fixed[] = {{"internet", POINT_INTERNET},
		     {"backbone", POINT_BACKBONE},
		     {"azure-dns", POINT_DNS},
		     {"public-dns", POINT_PUBLIC_DNS}};
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		if (strcmp(text, fixed[i].name) == 0) {
			*ret = (struct point){.kind = fixed[i].kind};
			return true;
		}
	*ret = (struct point){.kind = POINT_HOST, .index = find_by_name(model->hosts, model->n_hosts, text)};
	return ret->index != NONE;
}

static bool parse_instance(const struct ase_config *ase, uint32_t index, const char *text, struct point *ret)
{
	*ret = (struct point){.kind = POINT_VIP, .index = index};
	if (strcmp(text, "vip") == 0)
		return true;
	ret->kind = POINT_WORKER;
	if (decode_worker(text, &ret->sub))
		return ret->sub < ase->max_workers;
	ret->kind = POINT_FRONT_END;
	return decode_numbered(text, "front-end-", &ret->sub) && ret->sub < ase->front_ends;
}

static bool parse_divided(const struct model *model, struct arena *arena, const char *text, const char *slash,
			  struct point *ret)
{
	char *first = arena_strndup(arena, text, (size_t)(slash - text));
	if (!first)
		return false;
	if (strcmp(first, "region") == 0) {
		*ret = (struct point){.kind = POINT_REGION,
				      .index = find_by_name(model->regions, model->n_regions, slash + 1)};
		return ret->index != NONE;
	}
	if (strcmp(first, "gateway") == 0) {
		*ret = (struct point){.kind = POINT_GATEWAY,
				      .index = find_by_name(model->sites, model->n_sites, slash + 1)};
		return ret->index != NONE && model->sites[ret->index].has_gateway;
	}
	uint32_t site = find_by_name(model->sites, model->n_sites, first);
	if (site != NONE) {
		*ret = (struct point){.kind = POINT_SITE_NAT, .index = site};
		return strcmp(slash + 1, "nat") == 0 && model->sites[site].has_nat;
	}
	if (strcmp(slash + 1, "outbound") == 0) {
		*ret = (struct point){.kind = POINT_OUTBOUND,
				      .index = find_by_name(model->vnets, model->n_vnets, first)};
		return ret->index != NONE;
	}
	uint32_t ase = find_by_name(model->ases, model->n_ases, first);
	return ase != NONE && parse_instance(&model->ases[ase], ase, slash + 1, ret);
}

/* All points by name, for "did you mean". */
static const char *nearest_point(struct decoder *d, const char *text)
{
	const struct model *model = d->model;
	size_t capacity = 8 + model->n_hosts + model->n_regions + model->n_vnets + 2 * model->n_sites, n = 0;
	for (size_t i = 0; i < model->n_ases; i++)
		capacity += 1 + model->ases[i].front_ends + model->ases[i].max_workers;
	const char **names = decode_array(d, capacity, sizeof *names);
	if (!names)
		return NULL;
	for (uint32_t i = 0; i < model->n_hosts; i++)
		names[n++] = model->hosts[i].name;
	for (uint32_t i = 0; i < model->n_ases; i++) {
		names[n++] = point_name(d->arena, model, (struct point){POINT_VIP, i, 0});
		for (uint32_t k = 0; k < model->ases[i].front_ends; k++)
			names[n++] = point_name(d->arena, model, (struct point){POINT_FRONT_END, i, k});
		for (uint32_t k = 0; k < model->ases[i].max_workers; k++)
			names[n++] = point_name(d->arena, model, (struct point){POINT_WORKER, i, k});
	}
	for (uint32_t i = 0; i < model->n_regions; i++)
		names[n++] = point_name(d->arena, model, (struct point){POINT_REGION, i, 0});
	for (uint32_t i = 0; i < model->n_vnets; i++)
		names[n++] = point_name(d->arena, model, (struct point){POINT_OUTBOUND, i, 0});
	for (uint32_t i = 0; i < model->n_sites; i++) {
		if (model->sites[i].has_gateway)
			names[n++] = point_name(d->arena, model, (struct point){POINT_GATEWAY, i, 0});
		if (model->sites[i].has_nat)
			names[n++] = point_name(d->arena, model, (struct point){POINT_SITE_NAT, i, 0});
	}
	names[n++] = "internet";
	names[n++] = "backbone";
	names[n++] = "azure-dns";
	names[n++] = "public-dns";
	for (size_t i = 0; i < n; i++)
		if (!names[i])
			return NULL;
	return name_nearest(text, names, n);
}

bool find_point(const struct model *model, struct arena *arena, const char *text, struct point *ret)
{
	const char *slash = strchr(text, '/');
	return slash ? parse_divided(model, arena, text, slash, ret) : parse_plain(model, text, ret);
}

bool parse_point(struct decoder *d, const char *text, struct place place, struct point *ret)
{
	if (find_point(d->model, d->arena, text, ret))
		return true;
	const char *nearest = nearest_point(d, text);
	diag_error(d->diags, place,
		   nearest ? arena_printf(d->arena, "did you mean `%s`?", nearest)
			   : "points are HOST, ASE/vip, ASE/worker-N, ASE/front-end-N, gateway/SITE, SITE/nat, "
			     "region/NAME, backbone, "
			     "internet",
		   "unknown point `%s`", text);
	return false;
}

/* ---- neighbours ---- */

static uint32_t vnet_of(const struct model *model, struct point point)
{
	uint32_t subnet = NONE;
	switch (point.kind) {
	case POINT_FRONT_END:
	case POINT_WORKER:
		subnet = model->ases[point.index].subnet;
		break;
	case POINT_HOST:
		subnet = model->hosts[point.index].subnet;
		break;
	case POINT_VIP:
	case POINT_REGION:
	case POINT_BACKBONE:
	case POINT_INTERNET:
	case POINT_OUTBOUND:
	case POINT_DNS:
	case POINT_PUBLIC_DNS:
	case POINT_GATEWAY:
	case POINT_SITE_NAT:
		break;
	}
	return subnet == NONE ? NONE : model->subnets[subnet].vnet;
}

/* Does the point hang on this region's network? */
static bool hangs_on_region(const struct model *model, struct point point, uint32_t region)
{
	switch (point.kind) {
	case POINT_VIP:
		return model->ases[point.index].region == region;
	case POINT_OUTBOUND:
		return model->vnets[point.index].region == region;
	case POINT_HOST:
		return model->hosts[point.index].region == region &&
		       (model->hosts[point.index].kind == HOST_SERVICE || model->hosts[point.index].public_ip.raw != 0);
	case POINT_BACKBONE:
	case POINT_INTERNET:
		return true;
	case POINT_FRONT_END:
	case POINT_WORKER:
	case POINT_REGION:
	case POINT_DNS:
	case POINT_PUBLIC_DNS:
	case POINT_GATEWAY:
	case POINT_SITE_NAT:
		return false;
	}
	return false;
}

/* Of a machine on premises; NONE. */
static uint32_t site_of(const struct model *model, struct point point)
{
	return point.kind == POINT_HOST ? model->hosts[point.index].site : NONE;
}

/* Does the site's gateway join this point to the other side? */
static bool joins(const struct model *model, uint32_t site, struct point point)
{
	return site_of(model, point) == site || (point.kind == POINT_SITE_NAT && point.index == site) ||
	       vnet_of(model, point) == model->sites[site].vnet;
}

static bool is_on_internet(const struct model *model, struct point point)
{
	return point.kind == POINT_PUBLIC_DNS || point.kind == POINT_SITE_NAT ||
	       (point.kind == POINT_HOST && model->hosts[point.index].kind == HOST_INTERNET);
}

bool points_are_neighbours(const struct model *model, struct point a, struct point b)
{
	if (a.kind == b.kind && a.index == b.index && a.sub == b.sub)
		return false;
	for (int i = 0; i < 2; i++) {
		struct point x = i ? b : a, y = i ? a : b;
		if (x.kind == POINT_REGION && hangs_on_region(model, y, x.index))
			return true;
		if (x.kind == POINT_INTERNET && is_on_internet(model, y))
			return true;
		if (x.kind == POINT_DNS && vnet_of(model, y) != NONE)
			return true;
		if (x.kind == POINT_GATEWAY && joins(model, x.index, y))
			return true;
	}
	if (site_of(model, a) != NONE && site_of(model, a) == site_of(model, b))
		return true;
	uint32_t vnet = vnet_of(model, a);
	return vnet != NONE && vnet == vnet_of(model, b);
}

/* A name may hold two hyphens, too: the first division that gives two points counts. */
bool parse_edge(struct decoder *d, const char *text, struct place place, struct point ret[2])
{
	const char *dashes = strstr(text, "--");
	if (!dashes) {
		const char *classes[LINK_CLASS_COUNT];
		for (size_t i = 0; i < LINK_CLASS_COUNT; i++)
			classes[i] = link_class_name((enum link_class)i);
		const char *hint = did_you_mean(d, text, classes, LINK_CLASS_COUNT);
		diag_error(d->diags, place,
			   hint ? hint
				: "subnet, vnet, region, backbone, gateway, internet, or A--B with two neighbouring "
				  "points",
			   "`%s` is no link", text);
		return false;
	}
	for (const char *at = dashes; at; at = strstr(at + 1, "--")) {
		char *first = arena_strndup(d->arena, text, (size_t)(at - text));
		if (!first || !find_point(d->model, d->arena, first, &ret[0]) ||
		    !find_point(d->model, d->arena, at + 2, &ret[1]))
			continue;
		if (points_are_neighbours(d->model, ret[0], ret[1]))
			return true;
		diag_error(d->diags, place,
			   "a VIP's neighbour is its region/NAME, an Internet host's is internet, and machines of a "
			   "VNet are each other's",
			   "`%s` and `%s` are not neighbours", first, at + 2);
		return false;
	}
	char *first = arena_strndup(d->arena, text, (size_t)(dashes - text));
	if (first) {
		(void)parse_point(d, first, place, &ret[0]);
		(void)parse_point(d, dashes + 2, place, &ret[1]);
	}
	return false;
}

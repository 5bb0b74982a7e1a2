/* DOC: which two elements a link joins:
 *
 *   machine -- machine, of one VNet or of two that are peers in one region            azure-dns -- machine
 *   region/R -- VIP, the kinds of kinds.h, public frontend of a balancer, service, VM with a public address or in a
 *   subnet with service endpoints, machine whose VNet has a peer in another region, VNET/outbound of that region
 *   region/R -- backbone, region/R -- internet, internet -- host on the Internet, internet -- public-dns, internet --
 *   SITE/nat gateway/S -- machine of the VNet, gateway/S -- machine of the site, gateway/S -- S/nat, machine --
 *   machine, of one site */
#include "model/elements.h"

/* By an endpoint of its subnet, or as machines of a private subnet reach storage. */
static bool reaches_services(const struct model *model, const struct element *element)
{
	return element->subnet != NONE &&
	       (model->subnets[element->subnet].n_served > 0 || model->subnets[element->subnet].is_private);
}

static bool are_peers(const struct model *model, uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < model->vnets[a].n_peers; i++)
		if (model->vnets[a].peers[i] == b)
			return true;
	return false;
}

static bool has_peer_elsewhere(const struct model *model, const struct element *element)
{
	const struct vnet_config *vnet = element->vnet == NONE ? NULL : &model->vnets[element->vnet];
	for (size_t i = 0; vnet && i < vnet->n_peers; i++)
		if (model->vnets[vnet->peers[i]].region != vnet->region)
			return true;
	return false;
}

/* Of one network, or of peers in one region: between regions the way is by these. */
static bool are_in_reach(const struct model *model, const struct element *a, const struct element *b)
{
	return a->vnet != NONE && b->vnet != NONE &&
	       (a->vnet == b->vnet || (a->region == b->region && are_peers(model, a->vnet, b->vnet)));
}

/* Does the element hang on this region's network? */
static bool hangs_on_region(const struct model *model, const struct element *element, uint32_t region)
{
	switch (element->kind) {
	case ELEMENT_VIP:
	case ELEMENT_LENT:
	case ELEMENT_SERVICE:
	case ELEMENT_APP_OUTBOUND:
		NETWORK_KINDS(KIND_CASE)
		return element->region == region;
	case ELEMENT_FRONTEND:
		return element->region == region && element->vnet == NONE;
	case ELEMENT_INTERNAL:
		return false;
	case ELEMENT_MACHINE:
	case ELEMENT_APPLIANCE:
		return element->region == region &&
		       (model->hosts[element->owner].public_ip.raw != 0 || reaches_services(model, element) ||
			has_peer_elsewhere(model, element));
	case ELEMENT_BACKBONE:
	case ELEMENT_INTERNET:
		return true;
	case ELEMENT_REGION:
	case ELEMENT_GATEWAY:
	case ELEMENT_SITE_NAT:
	case ELEMENT_INTERNET_HOST:
	case ELEMENT_SITE_MACHINE:
	case ELEMENT_AZURE_DNS:
	case ELEMENT_PUBLIC_DNS:
	case ELEMENT_KIND_COUNT:
		return false;
	case ELEMENT_FRONT_END:
	case ELEMENT_WORKER:
	case ELEMENT_APP_INSTANCE:
		return element->region == region &&
		       (reaches_services(model, element) || has_peer_elsewhere(model, element));
	}
	return false;
}

static bool is_on_internet(const struct element *element)
{
	return element->kind == ELEMENT_PUBLIC_DNS || element->kind == ELEMENT_SITE_NAT ||
	       element->kind == ELEMENT_INTERNET_HOST;
}

/* Does the site's gateway join this element to the other side? */
static bool joins(const struct model *model, uint32_t site, const struct element *element)
{
	return element->site == site || (element->kind == ELEMENT_SITE_NAT && element->owner == site) ||
	       (element->vnet != NONE && vnet_uses_gateway_of(model->vnets, element->vnet, model->sites[site].vnet));
}

static bool is_joined(const struct model *model, const struct element *a, const struct element *b)
{
	switch (a->kind) {
	case ELEMENT_REGION:
		return hangs_on_region(model, b, a->owner);
	case ELEMENT_INTERNET:
		return is_on_internet(b);
	case ELEMENT_AZURE_DNS:
		return b->vnet != NONE && b->kind != ELEMENT_FRONTEND;
	case ELEMENT_GATEWAY:
		return joins(model, a->owner, b);
	case ELEMENT_SITE_MACHINE:
		return a->site != NONE && a->site == b->site;
	case ELEMENT_FRONTEND: /* an internal one */
	case ELEMENT_INTERNAL:
	case ELEMENT_FRONT_END:
	case ELEMENT_WORKER:
	case ELEMENT_APP_INSTANCE:
	case ELEMENT_MACHINE:
	case ELEMENT_APPLIANCE:
		NETWORK_KINDS(KIND_CASE)
		return are_in_reach(model, a, b);
	case ELEMENT_BACKBONE:
	case ELEMENT_VIP:
	case ELEMENT_LENT:
	case ELEMENT_APP_OUTBOUND:
	case ELEMENT_SITE_NAT:
	case ELEMENT_INTERNET_HOST:
	case ELEMENT_SERVICE:
	case ELEMENT_PUBLIC_DNS:
	case ELEMENT_KIND_COUNT:
		return false;
	}
	return false;
}

bool elements_are_neighbours(const struct model *model, uint32_t a, uint32_t b)
{
	return a != b && (is_joined(model, element_at(model, a), element_at(model, b)) ||
			  is_joined(model, element_at(model, b), element_at(model, a)));
}

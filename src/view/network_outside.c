/* DOC: what is not Azure: private networks behind a gateway, a NAT or both, and the Internet. */
#include "view/drawing.h"

static void add_site(struct network *network, uint32_t index)
{
	const struct site_config *site = &network->model->sites[index];
	uint32_t box = network_add(network, site->has_gateway ? TOPOLOGY_SITE : TOPOLOGY_HOME, TOPOLOGY_NONE,
				   site->name, network_prefixes(network, site->prefixes, site->n_prefixes));
	if (site->has_gateway) {
		uint32_t node = network->model->elements->gateway[index];
		uint32_t gateway = network_add(network, TOPOLOGY_ADDRESS, box, element_at(network->model, node)->name,
					       site->kind == GATEWAY_VPN ? "VPN" : "ExpressRoute");
		network_is_node(network, gateway, node);
		network_hover(network, gateway, "joins %s to %s; it advertises %s", site->name,
			      network->model->vnets[site->vnet].name,
			      network_prefixes(network, site->advertises, site->n_advertises));
		if (!network->failed)
			network->boxes[gateway].joins = network->box_of_vnet[site->vnet];
	}
	if (site->has_nat) {
		uint32_t node = network->model->elements->nat[index];
		const char *name = element_at(network->model, node)->name;
		be32 address = world_nat_address(network->world, node);
		uint32_t nat = network_add(network, TOPOLOGY_ADDRESS, box, name, network_addr(network, address));
		network_pool(network, nat, &site->nat, address);
		network_is_node(network, nat, node);
		network_hover(network, nat, "%s", element_at(network->model, node)->description);
	}
	network_add_hosts(network, box, HOST_SITE, index);
}

static bool site_is_wanted(const struct network *network, uint32_t site)
{
	for (uint32_t i = 0; i < network->model->n_hosts; i++)
		if (network->model->hosts[i].kind == HOST_SITE && network->model->hosts[i].site == site &&
		    network_wants(network, network->model->elements->host[i]))
			return true;
	return false;
}

void network_add_sites(struct network *network)
{
	size_t n_left = 0, n = 0;
	const uint32_t *order = NETWORK_ORDER(network, network->model->sites, network->model->n_sites);
	for (uint32_t k = 0; order && k < network->model->n_sites; k++) {
		uint32_t i = order[k];
		const struct site_config *site = &network->model->sites[i];
		if (network->in_focus && site->has_gateway && !network->in_focus[site->vnet])
			continue;
		if (n++ < network->limits->sites || site_is_wanted(network, i))
			add_site(network, i);
		else
			n_left++;
	}
	if (n_left > 0)
		(void)network_add(network, TOPOLOGY_SITE, TOPOLOGY_NONE,
				  network_text(network, arena_printf(network->arena, "%zu more", n_left)),
				  "private networks");
}

void network_add_internet(struct network *network)
{
	uint32_t box = network_add(network, TOPOLOGY_INTERNET, TOPOLOGY_NONE, "Internet", NULL);
	network_is_node(network, box, element_internet(network->model));
	network_add_hosts(network, box, HOST_INTERNET, 0);
	if (!network_wants(network, network->model->elements->public_dns))
		return;
	uint32_t chip = network_add(network, TOPOLOGY_CHIP, box, "public-dns",
				    network_addr(network, be32_from(PUBLIC_DNS_ADDR)));
	network_is_node(network, chip, network->model->elements->public_dns);
}

/* DOC: hosts, the same wherever they stand: in a subnet, at a site, on the Internet, among a region's services. What a
 * call passes is drawn, of the others a number that one can look at, and a box for the rest. */
#include "view/drawing.h"
#include <inttypes.h>
#include <string.h>

#define FORWARDING_MAX 12u /* appliances of a subnet that are always drawn */

bool network_wants(const struct network *network, uint32_t node)
{
	return network->wanted && network->wanted[node];
}

void network_add_more(struct network *network, uint32_t parent, uint32_t n_left, const char *what)
{
	const char *one = n_left == 1 ? arena_printf(network->arena, "%.*s", (int)strlen(what) - 1, what) : what;
	if (n_left > 0)
		(void)network_add(network, TOPOLOGY_MORE, parent,
				  network_text(network, arena_printf(network->arena, "%" PRIu32 " more", n_left)),
				  network_text(network, one));
}

const char *network_services(struct network *network, const struct service_port *ports, size_t n)
{
	struct buf text = {0};
	for (size_t i = 0; i < n && i < 4; i++)
		buf_printf(&text, "%s%u/%s", i > 0 ? " " : "", ports[i].port, proto_name(ports[i].proto));
	if (n > 4)
		buf_printf(&text, " +%zu", n - 4);
	const char *made = buf_failed(&text) ? NULL : arena_strdup(network->arena, buf_text(&text));
	buf_free(&text);
	return network_text(network, made);
}

static void add_host(struct network *network, uint32_t parent, uint32_t index)
{
	const struct host_config *host = &network->model->hosts[index];
	uint32_t node = network->model->elements->host[index];
	uint32_t box = network_add(network, host->has_nat ? TOPOLOGY_ADDRESS : TOPOLOGY_CHIP, parent, host->name,
				   network_addr(network, host->addr));
	network_is_node(network, box, node);
	network_hover(network, box, "%s", element_at(network->model, node)->description);
	if (host->n_listen > 0)
		network_line(network, box, "%s", network_services(network, host->listen, host->n_listen));
	if (host->has_nat)
		network_pool(network, box, &host->nat, host->addr);
	if (host->forwards)
		network_line(network, box, host->has_nat ? "forwards, translates" : "forwards");
	if (host->dns)
		network_hover(network, box, "known as %s", host->dns);
	if (host->kind == HOST_VM)
		network_nsg(network, box, host->nsg);
}

static bool is_in(const struct host_config *host, enum host_kind kind, uint32_t container)
{
	if (host->kind != kind)
		return false;
	return kind == HOST_INTERNET || (kind == HOST_VM     ? host->subnet
					 : kind == HOST_SITE ? host->site
							     : host->region) == container;
}

void network_add_hosts(struct network *network, uint32_t parent, enum host_kind kind, uint32_t container)
{
	uint32_t n = 0, n_forwarding = 0, n_left = 0;
	const uint32_t *order = NETWORK_ORDER(network, network->model->hosts, network->model->n_hosts);
	for (uint32_t k = 0; order && k < network->model->n_hosts; k++) {
		uint32_t i = order[k];
		if (!is_in(&network->model->hosts[i], kind, container))
			continue;
		/* An appliance is drawn where others are left out: routes lead to it. */
		bool forwards = network->model->hosts[i].forwards && n_forwarding++ < FORWARDING_MAX;
		if (n++ < network->limits->hosts || forwards ||
		    network_wants(network, network->model->elements->host[i]))
			add_host(network, parent, i);
		else
			n_left++;
	}
	network_add_more(network, parent, n_left, "hosts");
}

bool network_has_hosts(const struct network *network, enum host_kind kind, uint32_t container)
{
	for (size_t i = 0; i < network->model->n_hosts; i++)
		if (is_in(&network->model->hosts[i], kind, container))
			return true;
	return false;
}

/* DOC: frontends of load balancers: an address each, with what its rules do in small print. */
#include "net/tuple.h"
#include "view/drawing.h"

#define SHOWN 3 /* rules */

static const char *machines(struct network *network, const uint32_t *hosts, size_t n)
{
	struct buf text = {0};
	for (size_t i = 0; i < n && i < 4; i++)
		buf_printf(&text, "%s%s", i > 0 ? ", " : "", network->model->hosts[hosts[i]].name);
	if (n > 4)
		buf_printf(&text, " and %zu more", n - 4);
	const char *made =
		buf_failed(&text) ? NULL : arena_strdup(network->arena, n == 0 ? "nothing" : buf_text(&text));
	buf_free(&text);
	return network_text(network, made);
}

static void add_rule(struct network *network, uint32_t box, const struct balancing_config *rule)
{
	const struct pool_config *pool = &network->model->pools[rule->pool];
	const char *port = rule->all_ports ? "HA ports"
					   : network_text(network, arena_printf(network->arena, "%u/%s", rule->port,
										proto_name(rule->proto)));
	network_line(network, box, "%s to %s", port, pool->name);
	network_hover(network, box, "rule %s: %s to pool %s (%s)", rule->name, port, pool->name,
		      machines(network, pool->hosts, pool->n_hosts));
}

static void add_inbound_nat(struct network *network, uint32_t box, const struct inbound_nat_config *rule)
{
	const char *host = network->model->hosts[rule->host].name;
	network_line(network, box, "%u/%s to %s:%u", rule->port, proto_name(rule->proto), host, rule->to);
	network_hover(network, box, "inbound NAT rule %s", rule->name);
}

void network_frontend(struct network *network, uint32_t box, uint32_t index)
{
	const struct frontend_config *frontend = &network->model->frontends[index];
	const struct balancer_config *balancer = &network->model->balancers[frontend->balancer];
	size_t n = 0;
	for (size_t i = 0; i < balancer->n_rules; i++)
		if (balancer->rules[i].frontend == index && n++ < SHOWN)
			add_rule(network, box, &balancer->rules[i]);
	for (size_t i = 0; i < balancer->n_inbound_nat; i++)
		if (balancer->inbound_nat[i].frontend == index && n++ < SHOWN)
			add_inbound_nat(network, box, &balancer->inbound_nat[i]);
	if (n > SHOWN)
		network_line(network, box, "and %zu more rules", n - SHOWN);
	if (frontend->outbound != NONE)
		network_line(network, box, "outbound rule %s", balancer->outbound[frontend->outbound].name);
	else if (frontend->translates)
		network_line(network, box, "automatic source NAT");
}

void network_add_internal_frontends(struct network *network, uint32_t parent, uint32_t subnet)
{
	const struct model *model = network->model;
	for (uint32_t i = 0; i < model->n_frontends; i++) {
		const struct element *frontend = element_of_frontend(model, i);
		if (frontend->subnet != subnet)
			continue;
		uint32_t box = network_add(network, TOPOLOGY_CHIP, parent, frontend->name,
					   network_addr(network, frontend->addr));
		network_is_node(network, box, model->elements->frontend[i]);
		network_hover(network, box, "%s", frontend->description);
		network_frontend(network, box, i);
	}
}

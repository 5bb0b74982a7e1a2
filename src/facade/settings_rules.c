/* DOC: security groups, route tables and sites as settings. The rules of a direction are one value, a list in the order
 * in which they are asked. */
#include "facade/settings.h"
#include "rule/nsg.h"
#include "rule/route.h"

static void addresses(struct buf *value, const char *key, const struct nsg_address *items, uint32_t n)
{
	char printed[PREFIX_TEXT_BYTES];
	buf_printf(value, ", %s: ", key);
	for (uint32_t i = 0; i < n; i++)
		buf_printf(value, "%s%s", i == 0 ? "[" : ", ",
			   items[i].tag == NSG_PREFIX ? prefix_print(items[i].prefix, printed)
						      : nsg_tag_name(items[i].tag));
	buf_putc(value, ']');
}

static void ports(struct buf *value, const char *key, const struct nsg_ports *items, uint32_t n)
{
	buf_printf(value, ", %s: ", key);
	for (uint32_t i = 0; i < n; i++) {
		buf_puts(value, i == 0 ? "[" : ", ");
		if (items[i].first == 0 && items[i].last == UINT16_MAX)
			buf_puts(value, "any");
		else if (items[i].first == items[i].last)
			buf_printf(value, "%u", items[i].first);
		else
			buf_printf(value, "\"%u-%u\"", items[i].first, items[i].last);
	}
	buf_putc(value, ']');
}

static void nsg(struct settings *list, const struct nsg_config *nsg)
{
	static const char *const directions[] = {[NSG_INBOUND] = "inbound", [NSG_OUTBOUND] = "outbound"};
	for (unsigned direction = 0; direction < NSG_DIRECTION_COUNT; direction++) {
		struct buf *value = &list->value;
		buf_putc(value, '[');
		for (uint32_t i = 0; i < nsg->rules.n[direction]; i++) {
			const struct nsg_rule *rule = &nsg->rules.rules[direction][i];
			buf_printf(value, "%s{name: %s, priority: %u, action: %s, proto: %s", i == 0 ? "" : ", ",
				   rule->name, rule->priority, rule->allow ? "allow" : "deny",
				   rule->proto == NSG_ANY_PROTO ? "any" : proto_name(rule->proto));
			addresses(value, "src", rule->src, rule->n_src);
			ports(value, "src_ports", rule->src_ports, rule->n_src_ports);
			addresses(value, "dst", rule->dst, rule->n_dst);
			ports(value, "dst_ports", rule->dst_ports, rule->n_dst_ports);
			buf_putc(value, '}');
		}
		buf_putc(value, ']');
		settings_put(list, "network.nsgs.%s.%s", nsg->name, directions[direction]);
	}
}

static void route_table(struct settings *list, const struct model *model, const struct route_table_config *table)
{
	settings_truth(list, table->gateway_routes);
	settings_put(list, "network.route_tables.%s.gateway_routes", table->name);
	for (size_t i = 0; i < table->n_routes; i++) {
		const struct route *route = &table->routes[i];
		char printed[PREFIX_TEXT_BYTES];
		settings_text(list, prefix_print(route->prefix, printed));
		settings_put(list, "network.route_tables.%s.routes.%s.prefix", table->name, route->name);
		settings_text(list, route->hop == HOP_APPLIANCE ? model->hosts[route->target].name
								: route_hop_name(route->hop));
		settings_put(list, "network.route_tables.%s.routes.%s.next_hop", table->name, route->name);
	}
}

static void site(struct settings *list, const struct model *model, const struct site_config *site)
{
	settings_prefixes(list, site->prefixes, site->n_prefixes);
	settings_put(list, "network.sites.%s.prefixes", site->name);
	if (site->has_gateway) {
		settings_text(list, model->vnets[site->vnet].name);
		settings_put(list, "network.sites.%s.gateway.vnet", site->name);
		settings_text(list, site->kind == GATEWAY_VPN ? "vpn" : "express-route");
		settings_put(list, "network.sites.%s.gateway.kind", site->name);
		settings_prefixes(list, site->advertises, site->n_advertises);
		settings_put(list, "network.sites.%s.gateway.advertises", site->name);
		settings_truth(list, site->clamp_mss);
		settings_put(list, "network.sites.%s.gateway.clamp_mss", site->name);
	}
	if (site->has_nat)
		settings_nat(list, arena_printf(list->arena, "network.sites.%s.nat", site->name), &site->nat);
}

void settings_rules(struct settings *list, const struct model *model)
{
	for (size_t i = 0; i < model->n_nsgs; i++)
		nsg(list, &model->nsgs[i]);
	for (size_t i = 0; i < model->n_route_tables; i++)
		route_table(list, model, &model->route_tables[i]);
	for (size_t i = 0; i < model->n_sites; i++)
		site(list, model, &model->sites[i]);
}

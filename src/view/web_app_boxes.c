/* DOC: a web app: where it is integrated a box in that subnet, with its instances, and its two addresses beside it; else
 * all of it among the region's services. */
#include "view/drawing.h"
#include <inttypes.h>

static void add_chip(struct network *network, uint32_t parent, uint32_t node, const char *name)
{
	const struct element *element = element_at(network->model, node);
	uint32_t box = network_add(network, TOPOLOGY_CHIP, parent, name, network_addr(network, element->addr));
	network_is_node(network, box, node);
	network_hover(network, box, "%s", element->description);
}

static void add_instances(struct network *network, uint32_t parent, uint32_t app, bool by_whole_name)
{
	uint32_t n_left = 0;
	for (uint32_t i = 0; i < network->model->web_apps[app].instances; i++) {
		uint32_t node = web_app_instance(network->model, app, i);
		const char *name = by_whole_name ? element_at(network->model, node)->name
						 : arena_printf(network->arena, "instance-%" PRIu32, i);
		if (i < network->limits->instances || network_wants(network, node))
			add_chip(network, parent, node, network_text(network, name));
		else
			n_left++;
	}
	network_add_more(network, parent, n_left, "instances");
}

static void add_address(struct network *network, uint32_t region, uint32_t beside, uint32_t node)
{
	const struct element *element = element_at(network->model, node);
	uint32_t box =
		network_add(network, TOPOLOGY_ADDRESS, region, element->name, network_addr(network, element->addr));
	if (network->failed)
		return;
	network->boxes[box].beside = beside;
	network_is_node(network, box, node);
	network_hover(network, box, "%s", element->description);
	if (element->nat)
		network_pool(network, box, element->nat, element->addr);
}

static uint32_t node_of(const struct network *network, uint32_t app)
{
	return network->model->elements->of_kind[KIND_WEB_APP][app];
}

void network_add_integrated_apps(struct network *network, uint32_t region, uint32_t parent, uint32_t subnet)
{
	for (uint32_t i = 0; i < network->model->n_web_apps; i++) {
		const struct web_app_config *app = &network->model->web_apps[i];
		if (!app->is_integrated || app->subnet != subnet)
			continue;
		uint32_t box = network_add(network, TOPOLOGY_ENVIRONMENT, parent, app->name, "web app");
		network_line(network, box, "%s", network_services(network, app->listen, app->n_listen));
		if (app->route_all)
			network_line(network, box, "all calls leave by the subnet");
		network_hover(network, box, "known as %s", app->dns);
		add_instances(network, box, i, false);
		add_address(network, region, box, node_of(network, i));
		add_address(network, region, box, web_app_outbound(network->model, i));
	}
}

bool network_has_apps(const struct network *network, uint32_t region)
{
	for (uint32_t i = 0; i < network->model->n_web_apps; i++)
		if (!network->model->web_apps[i].is_integrated && network->model->web_apps[i].region == region)
			return true;
	return false;
}

void network_add_apps(struct network *network, uint32_t parent, uint32_t region)
{
	for (uint32_t i = 0; i < network->model->n_web_apps; i++) {
		const struct web_app_config *app = &network->model->web_apps[i];
		if (app->is_integrated || app->region != region)
			continue;
		add_chip(network, parent, node_of(network, i), app->name);
		add_chip(network, parent, web_app_outbound(network->model, i),
			 element_at(network->model, web_app_outbound(network->model, i))->name);
		add_instances(network, parent, i, true);
	}
}

static bool is_wanted(const struct network *network, uint32_t app)
{
	bool wanted = network_wants(network, node_of(network, app));
	for (uint32_t i = 0; !wanted && i <= network->model->web_apps[app].instances; i++)
		wanted = network_wants(network, web_app_outbound(network->model, app) + i);
	return wanted;
}

bool network_wants_integrated_app(const struct network *network, uint32_t subnet)
{
	for (uint32_t i = 0; i < network->model->n_web_apps; i++)
		if (network->model->web_apps[i].is_integrated && network->model->web_apps[i].subnet == subnet &&
		    is_wanted(network, i))
			return true;
	return false;
}

/* A web app of the multi-tenant service: called at its inbound address; its instances call by outbound addresses of the
 * service, or, integrated, by a subnet of a network (azure: overview-vnet-integration, overview-inbound-outbound-ips). */
#ifndef PKTPATH_MODEL_WEB_APP_H
#define PKTPATH_MODEL_WEB_APP_H
#include "model/kind_item.h"
#include "rule/nat.h"

struct service_port;
struct web_app_config {
	const char *name;
	struct place place;
	uint32_t region;
	uint32_t instances;
	be32 inbound, addr; /* as the file gives it; that, or one that no scenario gives */
	const be32 *outbound;
	size_t n_outbound;
	bool is_integrated;
	uint32_t subnet; /* into which; NONE */
	struct place subnet_place, inbound_place, outbound_place;
	bool route_all;              /* all its calls leave by that subnet, else those to private addresses alone */
	const char *dns;             /* never NULL */
	struct service_port *listen; /* default 80/tcp and 443/tcp */
	size_t n_listen;
	struct nat_rules nat; /* its outbound addresses, with a block of ports for each instance */
	be32 *addresses;      /* by instance: of the subnet, else of the service */
};
register_item register_web_app;
/* The elements behind the app's own: "APP/outbound", then its instances. */
struct model;
uint32_t web_app_outbound(const struct model *model, uint32_t app);
uint32_t web_app_instance(const struct model *model, uint32_t app, uint32_t number);
/* Where the instances of apps have their addresses that are not integrated: a realm of their own. */
uint32_t web_app_realm(const struct model *model);
#endif

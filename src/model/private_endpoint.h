/* A private endpoint: an address of a subnet behind which a platform service stands
 * (azure: private-endpoint-overview). */
#ifndef PKTPATH_MODEL_PRIVATE_ENDPOINT_H
#define PKTPATH_MODEL_PRIVATE_ENDPOINT_H
#include "model/kind_item.h"
#include "net/addr.h"
#include <stdbool.h>

/* What of a subnet holds for calls to its endpoints: its group, the callers' user routes. In the order of the values
 * of `private_endpoint_policies`. */
enum endpoint_policies { POLICIES_NONE = 0, POLICIES_NSG = 1, POLICIES_ROUTES = 2, POLICIES_ALL = 3 };
const char *endpoint_policies_name(enum endpoint_policies policies); /* as the file has it */
struct private_endpoint_config {
	const char *name;
	struct place place;
	uint32_t subnet; /* NONE: wrong */
	be32 addr;
	const char *to;   /* its name */
	uint32_t service; /* what stands behind it, see endpoint_target_of_app(); NONE: wrong */
	uint32_t *dns;    /* networks in which the service's name is this address; sorted */
	size_t n_dns;
	struct place addr_place, dns_place;
};
register_item register_private_endpoint;
/* The element behind an endpoint: what is sent to the endpoint goes on to its address. */
uint32_t endpoint_behind(const struct model *model, const struct private_endpoint_config *endpoint);
/* What can stand behind an endpoint has a number: hosts come first, then web apps. */
uint32_t endpoint_target_of_app(const struct model *model, uint32_t web_app);
const char *endpoint_target_name(const struct model *model, uint32_t target);
/* The element of the endpoint whose address a network has for the name of such a target; NONE: there is none, and the
 * name is the target's own address. */
uint32_t endpoint_of_name(const struct model *model, uint32_t target, uint32_t vnet);
/* The name of an endpoint by its index, and the ports at which what stands behind it listens; false: there are no more. */
struct service_port;
bool endpoint_ports(const struct model *model, size_t index, const char **ret_name,
		    const struct service_port **ret_ports, size_t *ret_n);
#endif

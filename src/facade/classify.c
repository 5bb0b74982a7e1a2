/* DOC: a NAT of the scenario is made again by its keys, alone, and probed. */
#include "rule/classify.h"
#include "facade/facade.h"
#include <errno.h>
#include <string.h>

/* The nearest name, or the first where none is near. */
static const char *nearest(const pp_scenario *scenario, const char *name)
{
	const char *const *names;
	size_t n;
	if (pp_scenario_names(scenario, PP_NAME_NAT, &names, &n) < 0)
		return NULL;
	const char *near = pp_nearest(name, names, n);
	return near ? near : n > 0 ? names[0] : NULL;
}

static const char *depends(enum nat_depends depends)
{
	static const char *const names[] = {[NAT_ON_ENDPOINT] = "endpoint-independent",
					    [NAT_ON_ADDRESS] = "address-dependent",
					    [NAT_ON_ADDRESS_AND_PORT] = "address-and-port-dependent"};
	return names[depends];
}

int pp_classify(const pp_scenario *scenario, const char *nat, pp_nat_class *ret, const char **ret_nearest)
{
	static const char *const ports[] = {
		[CLASSIFY_PRESERVES] = "preserved", [CLASSIFY_SEQUENTIAL] = "sequential", [CLASSIFY_OTHER] = "other"};
	struct classification c;
	*ret_nearest = NULL;
	uint32_t index = element_find_nat(scenario->model, nat);
	if (index == NONE) {
		*ret_nearest = nearest(scenario, nat);
		return 1;
	}
	const struct element *element = element_at(scenario->model, index);
	struct nat_rules rules = *element->nat;
	if (rules.n_addresses == 0) {
		rules.addresses = &element->addr;
		rules.n_addresses = 1;
	}
	rules.seed = scenario->model->seed;
	int r = nat_classify(&rules, &c);
	*ret = (pp_nat_class){
		.nat = nat,
		.udp_mapping = depends(c.udp_mapping),
		.tcp_mapping = depends(c.tcp_mapping),
		.udp_contended = depends(c.udp_contended),
		.tcp_contended = depends(c.tcp_contended),
		.udp_filtering = depends(c.udp_filtering),
		.tcp_filtering = depends(c.tcp_filtering),
		.hairpins = c.hairpins,
		.hairpin_outside = c.hairpin_outside,
		.ports = ports[c.ports],
		.overloads = c.overloads,
		.parity = c.parity,
		.paired = c.paired,
		.icmp = c.icmp,
		.n_addresses = c.n_addresses,
		.port_first = c.port_first,
		.port_last = c.port_last,
		.udp_idle_ns = c.udp_idle_ns,
		.udp_stream_ns = c.udp_stream_ns,
		.icmp_idle_ns = c.icmp_idle_ns,
		.tcp_opening_ns = c.tcp_opening_ns,
		.tcp_idle_ns = c.tcp_idle_ns,
		.tcp_transitory_ns = c.tcp_transitory_ns,
		.tcp_reset_ns = c.tcp_reset_ns,
	};
	return r;
}

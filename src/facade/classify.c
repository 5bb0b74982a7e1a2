/* DOC: a NAT of the scenario is made once more by its keys, alone, and probed. */
#include "rule/classify.h"
#include "facade/facade.h"
#include <errno.h>
#include <string.h>

struct found {
	const struct nat_rules *config;
	be32 own;
};

/* As expectations name it, or as tables and trails do: "one" or "one/vip". */
static bool is_called(const char *own, const char *point, const char *name)
{
	size_t n = strlen(own);
	return strncmp(own, name, n) == 0 && (name[n] == '\0' || strcmp(name + n, point) == 0);
}

static bool find(const struct model *model, const char *name, struct found *ret)
{
	for (size_t i = 0; i < model->n_ases; i++)
		if (is_called(model->ases[i].name, "/vip", name)) {
			*ret = (struct found){&model->ases[i].snat, model->ases[i].vip};
			return true;
		}
	for (size_t i = 0; i < model->n_sites; i++)
		if (model->sites[i].has_nat && is_called(model->sites[i].name, "/nat", name)) {
			*ret = (struct found){&model->sites[i].nat, model->sites[i].nat.addresses[0]};
			return true;
		}
	for (size_t i = 0; i < model->n_hosts; i++)
		if (model->hosts[i].has_nat && strcmp(model->hosts[i].name, name) == 0) {
			*ret = (struct found){&model->hosts[i].nat, model->hosts[i].addr};
			return true;
		}
	return false;
}

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
	struct found found;
	struct classification c;
	*ret_nearest = NULL;
	if (!find(scenario->model, nat, &found)) {
		*ret_nearest = nearest(scenario, nat);
		return 1;
	}
	struct nat_rules rules = *found.config;
	if (rules.n_addresses == 0) {
		rules.addresses = &found.own;
		rules.n_addresses = 1;
	}
	rules.seed = scenario->model->seed;
	int r = nat_classify(&rules, &c);
	*ret = (pp_nat_class){
		.nat = nat,
		.udp_mapping = depends(c.udp_mapping),
		.tcp_mapping = depends(c.tcp_mapping),
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

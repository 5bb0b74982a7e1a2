/* DOC: losses at load balancers: the rule, the pool, and what the probes of each of its machines meet. */
#include "cause/maker.h"
#include <string.h>

#define MAX_MACHINES 3u /* that are named, of a pool */

const struct balancer_config *cause_balancer(const struct maker *maker)
{
	return maker->at->kind == ELEMENT_FRONTEND
		       ? &maker->model->balancers[maker->model->frontends[maker->at->owner].balancer]
		       : NULL;
}

const struct balancing_config *cause_balancing(const struct maker *maker)
{
	const struct balancer_config *balancer = cause_balancer(maker);
	const char *rule = maker->step->verdict.rule;
	for (size_t i = 0; balancer && rule && i < balancer->n_rules; i++)
		if (strcmp(balancer->rules[i].name, rule) == 0)
			return &balancer->rules[i];
	return NULL;
}

int64_t cause_idle_of_rule(const struct balancer_config *balancer, const char *rule, const char **ret_list)
{
	for (size_t i = 0; rule && i < balancer->n_rules; i++)
		if (strcmp(balancer->rules[i].name, rule) == 0) {
			*ret_list = "rules";
			return balancer->rules[i].idle_ns;
		}
	for (size_t i = 0; rule && i < balancer->n_inbound_nat; i++)
		if (strcmp(balancer->inbound_nat[i].name, rule) == 0) {
			*ret_list = "inbound_nat";
			return balancer->inbound_nat[i].idle_ns;
		}
	return 0;
}

static const char *name_of_host(const struct maker *maker, uint32_t node)
{
	return element_at(maker->model, node)->name;
}

/* ---- probes ---- */

static void put_fate(struct maker *maker, const struct world_backend *backend)
{
	const struct verdict *verdict = &backend->probe.verdict;
	struct buf *what = &maker->what;
	buf_puts(what, name_of_host(maker, backend->node));
	if (!instant_is_never(backend->since)) {
		buf_puts(what, " since ");
		put_time(what, backend->since);
	}
	if (verdict->reason == REASON_NONE) {
		buf_puts(what, " (it answers again, but not yet often enough)");
		return;
	}
	buf_printf(what, " (%s by %s", reason_name(verdict->reason), verdict->by);
	if (verdict->rule)
		buf_printf(what, ", rule %s", verdict->rule);
	put_place(what, verdict->place);
	buf_puts(what, ")");
}

static void help_answer(struct maker *maker, const struct world_backend *backend, const struct probe_config *probe)
{
	const struct verdict *verdict = &backend->probe.verdict;
	const char *host = name_of_host(maker, backend->node);
	uint32_t nsg = decided_by(maker->model, BY_GROUP, verdict->by);
	const char *group = nsg == NONE ? NULL : maker->model->nsgs[nsg].name;
	const char *balancer = maker->model->balancers[probe->balancer].name;
	struct buf *helps = &maker->helps;
	if (verdict->reason == REASON_NSG_DENY && group) {
		buf_printf(helps,
			   "Allow tcp from the tag azure-load-balancer (168.63.129.16) to port %u in "
			   "`network.nsgs.%s.inbound`, before the rule that denies.",
			   probe->port, group);
		maker_setting(maker, "network.nsgs.%s.inbound", group);
	} else if (verdict->reason == REASON_NO_LISTENER) {
		buf_printf(helps,
			   "Add %u/tcp to `network.hosts.%s.listen`, or probe a port on which the machines listen "
			   "(`network.load_balancers.%s.probes.%s.port`).",
			   probe->port, host, balancer, probe->name);
		maker_setting(maker, "network.hosts.%s.listen", host);
		maker_setting(maker, "network.load_balancers.%s.probes.%s.port", balancer, probe->name);
	} else if (verdict->reason == REASON_HOST_DOWN) {
		buf_printf(helps, "Start %s (an event `start: %s` in `timeline`), or remove the event that stops it.",
			   host, host);
		maker_setting(maker, "timeline");
	} else if (verdict->reason == REASON_NONE) {
		buf_printf(helps,
			   "Call later, or let the probe notice sooner (`every`, `count` of "
			   "`network.load_balancers.%s.probes.%s`).",
			   balancer, probe->name);
		maker_setting(maker, "network.load_balancers.%s.probes.%s", balancer, probe->name);
	} else {
		buf_printf(helps, "Let %s answer the probe from 168.63.129.16 to port %u.", host, probe->port);
		maker_setting(maker, "network.hosts.%s", host);
	}
}

void tell_unhealthy(struct maker *maker)
{
	const struct balancing_config *rule = cause_balancing(maker);
	struct world_backend backend, first;
	struct buf *what = &maker->what;
	if (!rule)
		return;
	const struct balancer_config *balancer = cause_balancer(maker);
	const struct pool_config *pool = &maker->model->pools[rule->pool];
	if (pool->n_hosts == 0) {
		buf_printf(what, "Rule %s of %s leads to pool %s, which has no machine.", rule->name, balancer->name,
			   pool->name);
		buf_printf(&maker->helps, "Put a machine into `network.load_balancers.%s.pools.%s`.", balancer->name,
			   pool->name);
		maker_setting(maker, "network.load_balancers.%s.pools.%s", balancer->name, pool->name);
		return;
	}
	if (rule->probe == NONE || !world_backend(maker->world, maker->step->node, rule->name, 0, &first))
		return;
	const struct probe_config *probe = &maker->model->probes[rule->probe];
	buf_printf(what, "No machine of pool %s answers probe %s (%u/tcp, every ", pool->name, probe->name,
		   probe->port);
	put_duration(what, probe->every_ns);
	buf_puts(what, "), so the load balancer gives a new call to none:");
	for (uint32_t i = 0; world_backend(maker->world, maker->step->node, rule->name, i, &backend); i++) {
		if (i == MAX_MACHINES)
			buf_printf(what, ", and %u more", (uint32_t)pool->n_hosts - i);
		if (i >= MAX_MACHINES)
			continue;
		buf_puts(what, i == 0 ? " " : ", ");
		put_fate(maker, &backend);
	}
	buf_puts(what, ".");
	help_answer(maker, &first, probe);
}

/* ---- rules ---- */

void tell_own_call(struct maker *maker)
{
	const struct balancing_config *rule = cause_balancing(maker);
	const struct flow_config *flow = maker_flow(maker);
	if (!rule)
		return;
	const struct balancer_config *balancer = cause_balancer(maker);
	const char *pool = maker->model->pools[rule->pool].name;
	uint32_t caller = element_of_address(maker->model, maker->step->after.src);
	const char *host = caller == NONE ? "the caller" : name_of_host(maker, caller);
	buf_printf(&maker->what,
		   "Rule %s of %s chose %s out of pool %s, which is the caller: a machine's answer to itself does not "
		   "pass the load balancer, so no answer arrives.",
		   rule->name, balancer->name, host, pool);
	if (flow) {
		buf_printf(&maker->helps, "Call the machine's own address (`flows.%s.to`), or take ", flow->name);
		maker_setting(maker, "flows.%s.to", flow->name);
	} else {
		buf_puts(&maker->helps, "Take ");
	}
	buf_printf(&maker->helps, "%s out of `network.load_balancers.%s.pools.%s`.", host, balancer->name, pool);
	maker_setting(maker, "network.load_balancers.%s.pools.%s", balancer->name, pool);
}

void tell_no_rule(struct maker *maker)
{
	const struct balancer_config *balancer = cause_balancer(maker);
	const struct tuple *tuple = &maker->step->after;
	if (!balancer)
		return;
	if (maker->step->verdict.detail && !be32_equal(tuple->dst, maker->at->addr)) { /* routed here */
		buf_printf(&maker->what, "A route leads to %s, and %s: it takes no packets for others.",
			   maker->at->name, maker->step->verdict.detail);
		buf_printf(
			&maker->helps,
			"Give the frontend a rule with `port: all` in `network.load_balancers.%s.rules`, or give the "
			"route another next hop (`network.route_tables`).",
			balancer->name);
		maker_setting(maker, "network.load_balancers.%s.rules", balancer->name);
		maker_setting(maker, "network.route_tables");
		return;
	}
	buf_printf(&maker->what, "%s has no rule for port %u/%s, and gives no answer itself", maker->at->name,
		   be16_to(tuple->dst_port), proto_name(tuple->proto));
	const char *before = ". It has: ";
	for (size_t i = 0; i < balancer->n_rules; i++) {
		const struct balancing_config *rule = &balancer->rules[i];
		if (rule->frontend != maker->at->owner || rule->all_ports)
			continue;
		buf_printf(&maker->what, "%s%u/%s (%s)", before, rule->port, proto_name(rule->proto), rule->name);
		before = ", ";
	}
	buf_puts(&maker->what, ".");
	const struct flow_config *flow = maker_flow(maker);
	buf_printf(&maker->helps, "Add a rule for the port to `network.load_balancers.%s.rules` (or `inbound_nat`)",
		   balancer->name);
	maker_setting(maker, "network.load_balancers.%s.rules", balancer->name);
	if (flow) {
		buf_printf(&maker->helps, ", or call a port that has one (`flows.%s.to`)", flow->name);
		maker_setting(maker, "flows.%s.to", flow->name);
	}
	buf_puts(&maker->helps, ".");
}

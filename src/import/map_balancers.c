/* DOC: load balancers. A machine is in a pool where its address configuration says so, or where the pool has its
 * address; what a rule sends to it is assumed to be listened for, as no input says. Rules, probes, inbound NAT rules and
 * outbound rules are parts of the balancer, or resources of their own. */
#include "import/map.h"
#include <string.h>

#define TYPE "loadBalancers"

struct balancer {
	struct resource *resource;
	struct doc *doc;
	bool standard;
};

/* ---- names of its parts ---- */

static const char *space_of(struct map *map, const struct balancer *b, const char *part)
{
	return store_printf(map->store, "%s of %s", part, b->resource->given);
}

/* What the scenario calls a part that `label` names. */
static const char *part_of(const struct doc *parts, const char *label)
{
	for (const struct doc *at = parts ? parts->first : NULL; at; at = at->next)
		if (!at->dropped && at->what && text_same(at->what, label))
			return at->key;
	return NULL;
}

/* "/.../frontendIPConfigurations/front" is "front"; Terraform has the name alone. */
static const char *label_of(const char *id)
{
	const char *slash = id ? strrchr(id, '/') : NULL;
	return slash ? slash + 1 : id;
}

static const char *reference(const struct doc *parts, struct js *body, const char *path, const char *other)
{
	const char *id = prop_id(body, path);
	id = !id && other ? prop_text(body, other) : id;
	return id ? part_of(parts, label_of(id)) : NULL;
}

/* What refers back, as answers of the live network have it. */
static void pass_over(struct js *body)
{
	static const char *const back[] = {"loadBalancingRules",       "outboundRules",   "outboundRule",
					   "inboundNatRules",          "inboundNatPools", "backendIPConfigurations",
					   "frontendIPConfigurations", "loadBalancers"};
	for (size_t i = 0; i < sizeof back / sizeof *back; i++)
		mark_all(prop(body, back[i]), MARK_USED);
}

/* ---- frontends ---- */

static bool put_public_frontend(struct map *map, const struct balancer *b, struct doc *doc, struct js *item,
				const char *given)
{
	bool assumed;
	const char *address = map_public_of(map, item, "publicIPAddress", given, &assumed);
	struct js *prefix = prop(item, "publicIPPrefix");
	(void)b;
	if (!address && prefix)
		note_prop(map->import, SEVERITY_CHANGES, prefix, "%s: a frontend of a public prefix", given);
	if (!address)
		return false;
	doc_scalar(map->store, doc, "address", address);
	if (assumed)
		map_comment(map, doc, store_printf(map->store, "ASSUMED: address %s", address));
	return true;
}

static bool put_internal_frontend(struct map *map, struct doc *doc, struct js *item, const char *given)
{
	be32 addr;
	struct subnet_fact *subnet = map_subnet_of(map, item, "subnet", given);
	struct js *at = prop(item, "privateIPAddress");
	const char *text = js_string(at);
	if (!subnet)
		return false;
	doc_scalar(map->store, doc, "subnet", subnet->given);
	if (text && !at->why && addr_parse(text, &addr))
		doc_scalar(map->store, doc, "address", text);
	return true;
}

static void put_frontends(struct map *map, struct balancer *b, struct doc *frontends)
{
	struct js *list = prop(b->resource->body, "frontendIPConfigurations");
	each_item(item, list)
	{
		const char *label = prop_text(item, "name");
		if (!label)
			continue;
		const char *name = map_name(map, space_of(map, b, "frontends"), label),
			   *given = store_printf(map->store, "%s/%s", b->resource->given, name);
		struct doc *doc = doc_map(map->store, frontends, name, true);
		doc->what = label;
		doc->from = item;
		doc->comment = map_where(map, name, label, item);
		bool known = prop(item, "subnet") ? put_internal_frontend(map, doc, item, given)
						  : put_public_frontend(map, b, doc, item, given);
		doc->dropped = !known;
		pass_over(item);
		map_source(map, doc, item);
	}
}

/* ---- pools ---- */

static bool is_in_pool(struct map *map, struct js *configuration, const char *tail)
{
	struct js *list = prop(configuration, "loadBalancerBackendAddressPools");
	each_item(item, list)
	{
		const char *id = prop_id(item, "id");
		if (id && text_ends(store_lower(map->store, id), tail))
			return true;
	}
	return false;
}

static bool has_address(struct js *pool, be32 addr)
{
	struct js *list = prop(pool, "loadBalancerBackendAddresses");
	bool found = false;
	each_item(item, list)
	{
		be32 other;
		const char *text = prop_text(item, "ipAddress");
		found = found || (text && addr_parse(text, &other) && be32_equal(other, addr));
	}
	return found;
}

/* Whether this address configuration (its id in small letters, or NULL) is of the machine's interface. */
static bool is_of_interface(const struct machine_fact *machine, const char *configuration)
{
	size_t n = machine->nic_key ? strlen(machine->nic_key) : 0;
	return configuration && n > 0 && strncmp(configuration, machine->nic_key, n) == 0 &&
	       (configuration[n] == '/' || configuration[n] == '\0');
}

static bool is_machine(const struct map *map, const char *configuration, be32 addr)
{
	for (size_t k = 0; k < map->n_machines; k++) {
		const struct machine_fact *machine = &map->machines[k];
		if (is_of_interface(machine, configuration))
			return true;
		if (!be32_equal(addr, ADDR_NONE) && be32_equal(machine->addr, addr))
			return true;
	}
	return false;
}

/* Those of a pool that none of the inputs has. */
static void note_strangers(struct map *map, const struct balancer *b, const struct child *pool)
{
	size_t n = 0;
	each_item(item, prop(pool->body, "backendIPConfigurations"))
	{
		const char *id = prop_id(item, "id");
		bool of_set = id && text_holds(id, "/virtualMachineScaleSets/"); /* its machines are counted there */
		n += id && !of_set && !is_machine(map, store_lower(map->store, id), ADDR_NONE);
	}
	each_item(item, prop(pool->body, "loadBalancerBackendAddresses"))
	{
		const char *text = prop_text(item, "ipAddress");
		be32 addr;
		n += text && addr_parse(text, &addr) && !is_machine(map, NULL, addr);
	}
	if (n > 0)
		note(map->import, SEVERITY_CHANGES, pool->body,
		     "%s: pool %s: %zu of its machines, which are not among the inputs", b->resource->given,
		     pool->label, n);
}

/* Answers of the live network list them at the pool, too. */
static bool lists_machine(struct map *map, struct js *pool, const struct machine_fact *machine)
{
	struct js *list = prop(pool, "backendIPConfigurations");
	each_item(item, list)
	{
		const char *id = prop_id(item, "id");
		if (id && is_of_interface(machine, store_lower(map->store, id)))
			return true;
	}
	return false;
}

static void put_pools(struct map *map, struct balancer *b, struct doc *pools)
{
	size_t n;
	struct child *children = map_children(map, b->resource, "backendAddressPools", TYPE "/backendAddressPools", &n);
	for (size_t i = 0; i < n; i++) {
		const char *name = map_name(map, space_of(map, b, "pools"), children[i].label),
			   *tail = store_lower(map->store,
					       store_printf(map->store, "/loadBalancers/%s/backendAddressPools/%s",
							    b->resource->label, children[i].label));
		struct doc *pool = doc_list(map->store, pools, name, true);
		pool->what = children[i].label;
		pool->from = children[i].body;
		mark_all(prop(children[i].body, "virtualNetwork"), MARK_USED);
		mark_all(prop(children[i].body, "loadBalancerBackendAddresses"), MARK_USED);
		pass_over(children[i].body);
		for (size_t k = 0; k < map->n_machines; k++) {
			struct machine_fact *machine = &map->machines[k];
			if ((machine->ip_configuration && is_in_pool(map, machine->ip_configuration, tail)) ||
			    lists_machine(map, children[i].body, machine) ||
			    (!be32_equal(machine->addr, ADDR_NONE) && has_address(children[i].body, machine->addr)))
				doc_scalar(map->store, pool, NULL, machine->given);
		}
		note_strangers(map, b, &children[i]);
	}
}

/* Machines of a pool listen where a rule or a probe goes. */
static void listen_in_pool(struct map *map, const struct doc *pools, const char *pool, const char *port)
{
	struct doc *members = pool ? doc_get(pools, pool) : NULL;
	for (struct doc *at = members ? members->first : NULL; at; at = at->next)
		for (size_t k = 0; k < map->n_machines; k++)
			if (map->machines[k].doc && strcmp(map->machines[k].given, at->text) == 0) {
				if (!doc_get(map->machines[k].doc, "listen"))
					map_comment(map, map->machines[k].doc, "ASSUMED: what listens");
				map_listen(map, map->machines[k].doc, port);
			}
}

/* ---- probes ---- */

static void put_probes(struct map *map, struct balancer *b, struct doc *probes)
{
	size_t n;
	struct child *children = map_children(map, b->resource, "probes", TYPE "/probes", &n);
	for (size_t i = 0; i < n; i++) {
		struct js *body = children[i].body;
		int64_t port, seconds = 15, count = 1;
		const char *protocol = prop_text(body, "protocol"), *path = prop_text(body, "requestPath");
		if (!prop_int(body, "port", &port)) {
			need(map->import, prop(body, "port") ? prop(body, "port") : body,
			     store_printf(map->store, "%s: port of its probe %s", b->resource->given,
					  children[i].label));
			continue;
		}
		const char *name = map_name(map, space_of(map, b, "probes"), children[i].label);
		struct doc *doc = doc_map(map->store, probes, name, true);
		doc->what = children[i].label;
		doc->from = body;
		doc_scalar(map->store, doc, "port", store_printf(map->store, "%lld/tcp", (long long)port));
		(void)prop_int(body, "intervalInSeconds", &seconds);
		if (!prop_int(body, "probeThreshold", &count))
			(void)prop_int(body, "numberOfProbes", &count);
		(void)prop(body, "numberOfProbes");
		doc_scalar(map->store, doc, "every", store_printf(map->store, "%llds", (long long)seconds));
		if (count > 1)
			doc_scalar(map->store, doc, "count", store_printf(map->store, "%lld", (long long)count));
		if (protocol && !text_same(protocol, "Tcp"))
			note_prop(map->import, SEVERITY_MAY, prop(body, "protocol"),
				  "%s: probe %s asks for %s by %s; the connection alone counts", b->resource->given,
				  name, path ? path : "/", protocol);
		mark_all(prop(body, "requestPath"), MARK_NOTED);
		pass_over(body);
		map_source(map, doc, body);
	}
}

/* ---- rules ---- */

static void put_minutes(struct map *map, struct doc *doc, struct js *body)
{
	int64_t minutes;
	if (!prop_int(body, "idleTimeoutInMinutes", &minutes) || minutes == 4 || minutes == 0)
		return;
	struct doc *idle = doc_scalar(map->store, doc, "idle", store_printf(map->store, "%lldm", (long long)minutes));
	idle->from = prop(body, "idleTimeoutInMinutes");
	idle->what = "an idle timeout";
}

static void put_affinity(struct map *map, struct doc *doc, struct js *body)
{
	const char *text = prop_text(body, "loadDistribution");
	if (text && text_same(text, "SourceIP"))
		doc_scalar(map->store, doc, "affinity", "source-destination");
	else if (text && text_same(text, "SourceIPProtocol"))
		doc_scalar(map->store, doc, "affinity", "source-destination-protocol");
}

static const char *proto_of(struct js *body)
{
	const char *text = prop_text(body, "protocol");
	return !text || text_same(text, "Tcp") ? "tcp" : text_same(text, "Udp") ? "udp" : "any";
}

struct parts {
	struct doc *frontends, *pools, *probes;
};

static const char *pool_of(const struct parts *parts, struct js *body)
{
	struct js *many = prop(body, "backendAddressPools");
	const char *pool = reference(parts->pools, body, "backendAddressPool", "backendAddressPoolName");
	each_item(item, many)
	{
		const char *id = prop_id(item, "id");
		pool = pool ? pool : id ? part_of(parts->pools, label_of(id)) : NULL;
	}
	return pool;
}

static void enter(struct map *map, const struct balancer *b, const struct parts *parts, const char *frontend,
		  const char *port, const struct js *from)
{
	const struct doc *doc = doc_get(parts->frontends, frontend);
	if (doc && !doc_get(doc, "subnet") && !strstr(port, "any"))
		map_entry(map, store_printf(map->store, "%s-%s", b->resource->given, frontend),
			  store_printf(map->store, "%s/%s:%s", b->resource->given, frontend, port), from);
}

static void put_rule(struct map *map, struct balancer *b, const struct parts *parts, struct doc *rules,
		     const struct child *child)
{
	struct js *body = child->body;
	int64_t port = 0, to = 0;
	const char *frontend = reference(parts->frontends, body, "frontendIPConfiguration", "frontendName"),
		   *pool = pool_of(parts, body), *probe = reference(parts->probes, body, "probe", NULL),
		   *proto = proto_of(body);
	bool ports = prop_int(body, "frontendPort", &port);
	(void)prop_int(body, "backendPort", &to);
	if (!frontend || !pool || !ports) {
		note_prop(map->import, SEVERITY_CHANGES, body, "%s: rule %s: %s", b->resource->given, child->label,
			  !frontend ? "its frontend is not in the scenario"
			  : !pool   ? "it has no pool"
				    : "its port is not known");
		return;
	}
	const char *name = map_name(map, space_of(map, b, "rules"), child->label),
		   *text = port == 0 ? "any" : store_printf(map->store, "%lld/%s", (long long)port, proto);
	struct doc *doc = doc_map(map->store, rules, NULL, true);
	doc->what = store_printf(map->store, "%s: rule %s", b->resource->given, name);
	doc->from = body;
	doc->comment = map_where(map, name, child->label, body);
	doc_scalar(map->store, doc, "name", name);
	doc_scalar(map->store, doc, "frontend", frontend);
	doc_scalar(map->store, doc, "port", text);
	doc_scalar(map->store, doc, "pool", pool);
	if (to != port && port != 0)
		doc_scalar(map->store, doc, "to", store_printf(map->store, "%lld", (long long)to));
	if (probe)
		doc_scalar(map->store, doc, "probe", probe);
	else if (prop_id(body, "probe"))
		note_prop(map->import, SEVERITY_CHANGES, prop(body, "probe"),
			  "%s: rule %s: its probe is not in the scenario; all machines of the pool count as healthy",
			  b->resource->given, name);
	put_affinity(map, doc, body);
	if (prop_true(body, "enableFloatingIP"))
		doc_scalar(map->store, doc, "floating", "true");
	if (prop_true(body, "disableOutboundSnat"))
		doc_scalar(map->store, doc, "outbound_snat", "false");
	put_minutes(map, doc, body);
	if (prop_true(body, "enableTcpReset"))
		doc_scalar(map->store, doc, "reset", "true");
	map_source(map, doc, body);
	if (probe)
		listen_in_pool(map, parts->pools, pool, doc_get(doc_get(parts->probes, probe), "port")->text);
	if (port == 0)
		return;
	listen_in_pool(map, parts->pools, pool,
		       store_printf(map->store, "%lld/%s", (long long)(to ? to : port), proto));
	enter(map, b, parts, frontend, text, body);
}

/* What an inbound rule does. */
struct forwarded {
	const char *label, *frontend, *proto, *machine;
	int64_t port, to;
};

/* Whether the machine's configuration names this part of the balancer in the list. */
static bool names_part(struct map *map, const struct balancer *b, const struct machine_fact *machine, const char *list,
		       const char *kind, const char *label)
{
	const char *tail = store_lower(
		map->store, store_printf(map->store, "/loadBalancers/%s/%s/%s", b->resource->label, kind, label));
	struct js *named = machine->ip_configuration ? prop(machine->ip_configuration, list) : NULL;
	each_item(item, named)
	{
		const char *id = prop_id(item, "id");
		if (id && text_ends(store_lower(map->store, id), tail))
			return true;
	}
	return false;
}

/* The machine whose address configuration names this inbound rule; or the rule names the configuration. */
static struct machine_fact *target_of(struct map *map, const struct balancer *b, const struct child *child)
{
	const char *configuration = prop_id(child->body, "backendIPConfiguration"),
		   *key = configuration ? store_lower(map->store, configuration) : NULL;
	for (size_t k = 0; k < map->n_machines; k++) {
		struct machine_fact *machine = &map->machines[k];
		if (names_part(map, b, machine, "loadBalancerInboundNatRules", "inboundNatRules", child->label) ||
		    is_of_interface(machine, key))
			return machine;
	}
	return NULL;
}

/* An inbound rule of one machine; of several each has a port of its own, from the first on. */
static void put_one_inbound(struct map *map, struct balancer *b, const struct parts *parts, struct doc *list,
			    const struct child *child, const struct forwarded *f)
{
	const char *name = map_name(map, space_of(map, b, "inbound"), f->label),
		   *text = store_printf(map->store, "%lld/%s", (long long)f->port, f->proto);
	struct doc *doc = doc_map(map->store, list, NULL, true);
	doc->what = store_printf(map->store, "%s: inbound NAT rule %s", b->resource->given, name);
	doc->from = child->body;
	doc->comment = map_where(map, name, f->label, child->body);
	doc_scalar(map->store, doc, "name", name);
	doc_scalar(map->store, doc, "frontend", f->frontend);
	doc_scalar(map->store, doc, "port", text);
	doc_scalar(map->store, doc, "to", store_printf(map->store, "%s:%lld", f->machine, (long long)f->to));
	put_minutes(map, doc, child->body);
	map_source(map, doc, child->body);
	for (size_t k = 0; k < map->n_machines; k++)
		if (map->machines[k].doc && strcmp(map->machines[k].given, f->machine) == 0)
			map_listen(map, map->machines[k].doc,
				   store_printf(map->store, "%lld/%s", (long long)f->to, f->proto));
	enter(map, b, parts, f->frontend, text, child->body);
}

/* Rules of a pool, and pools of rules of a scale set: Azure chooses who gets which port of the range. */
static size_t put_range(struct map *map, struct balancer *b, const struct parts *parts, struct doc *list,
			const struct child *child, struct forwarded f, int64_t end)
{
	const char *pool = pool_of(parts, child->body);
	const struct doc *members = pool ? doc_get(parts->pools, pool) : NULL;
	size_t n = 0;
	for (size_t k = 0; k < map->n_machines && f.port <= end; k++) {
		const struct machine_fact *machine = &map->machines[k];
		bool member =
			names_part(map, b, machine, "loadBalancerInboundNatPools", "inboundNatPools", child->label);
		for (const struct doc *at = members ? members->first : NULL; at; at = at->next)
			member = member || strcmp(at->text, machine->given) == 0;
		if (!member)
			continue;
		f.machine = machine->given;
		f.label = store_printf(map->store, "%s-%zu", child->label, n++);
		put_one_inbound(map, b, parts, list, child, &f);
		f.port++;
	}
	if (n > 0)
		assume(map->import, child->body, NULL, "%s: %s: which machine has which port", b->resource->given,
		       child->label);
	return n;
}

/* The live service lists what a pool gives to each instance of a scale set: the pool says it. */
static bool is_of_pool(struct js *balancer, struct js *rule, int64_t port)
{
	const char *of = prop_id(rule, "backendIPConfiguration");
	int64_t first, last;
	each_item(pool, of && strcasestr(of, "/virtualMachineScaleSets/")
				? prop(balancer, "inboundNatPools")
				: NULL) if (prop_int(pool, "frontendPortRangeStart", &first) &&
					    prop_int(pool, "frontendPortRangeEnd", &last) && port >= first &&
					    port <= last) return true;
	return false;
}

static void put_inbound(struct map *map, struct balancer *b, const struct parts *parts, struct doc *list,
			const struct child *child)
{
	struct js *body = child->body, *floating = prop(body, "enableFloatingIP"),
		  *reset = prop(body, "enableTcpReset");
	const char *what = store_printf(map->store, "%s: inbound NAT rule %s", b->resource->given, child->label),
		   *frontend = reference(parts->frontends, body, "frontendIPConfiguration", "frontendName");
	int64_t end = 0;
	struct forwarded f = {.label = child->label, .frontend = frontend, .proto = proto_of(body)};
	struct machine_fact *machine = target_of(map, b, child);
	bool range = prop_int(body, "frontendPortRangeStart", &f.port) &&
		     prop_int(body, "frontendPortRangeEnd", &end) && f.port > 0,
	     ports = (range || prop_int(body, "frontendPort", &f.port)) && prop_int(body, "backendPort", &f.to);
	if (!range && is_of_pool(b->resource->body, body, f.port)) {
		mark_all(body, MARK_USED);
		return;
	}
	if (js_is_true(floating))
		note_prop(map->import, SEVERITY_CHANGES, floating, "%s: floating IP", what);
	if (js_is_true(reset))
		note_prop(map->import, SEVERITY_MAY, reset, "%s: resets at its idle timeout", what);
	bool good = f.frontend && ports && strcmp(f.proto, "any") != 0;
	if (good && range && put_range(map, b, parts, list, child, f, end) > 0)
		return;
	if (!good || range || !machine) {
		note_prop(map->import, SEVERITY_CHANGES, body, "%s: %s", what,
			  !f.frontend ? "its frontend is not in the scenario"
			  : good      ? "no machine of the inputs has it"
				      : "its ports are not known");
		return;
	}
	f.machine = machine->given;
	put_one_inbound(map, b, parts, list, child, &f);
}

static void put_outbound(struct map *map, struct balancer *b, const struct parts *parts, struct doc *list,
			 const struct child *child)
{
	struct js *body = child->body, *frontends = prop(body, "frontendIPConfigurations");
	int64_t ports = 0;
	const char *pool = pool_of(parts, body);
	const char *name = map_name(map, space_of(map, b, "outbound"), child->label);
	struct doc *doc = doc_map(map->store, list, NULL, true);
	doc->what = store_printf(map->store, "%s: outbound rule %s", b->resource->given, name);
	doc->from = body;
	doc->comment = map_where(map, name, child->label, body);
	doc_scalar(map->store, doc, "name", name);
	struct doc *names = doc_list(map->store, doc, "frontends", true);
	each_item(item, frontends)
	{
		const char *id = prop_id(item, "id"), *frontend = id ? part_of(parts->frontends, label_of(id)) : NULL;
		if (!frontend && prop_text(item, "name"))
			frontend = part_of(parts->frontends, prop_text(item, "name"));
		if (frontend)
			doc_scalar(map->store, names, NULL, frontend);
	}
	if (!pool || !names->first) {
		note_prop(map->import, SEVERITY_CHANGES, body, "%s: outbound rule %s: its %s is not in the scenario",
			  b->resource->given, child->label, pool ? "frontend" : "pool");
		doc->dropped = true;
		return;
	}
	doc_scalar(map->store, doc, "pool", pool);
	if (prop_int(body, "allocatedOutboundPorts", &ports) && ports > 0)
		doc_scalar(map->store, doc, "ports_per_machine", store_printf(map->store, "%lld", (long long)ports));
	if (strcmp(proto_of(body), "any") != 0)
		doc_scalar(map->store, doc, "proto", proto_of(body));
	put_minutes(map, doc, body);
	if (prop_true(body, "enableTcpReset"))
		doc_scalar(map->store, doc, "reset", "true");
	map_source(map, doc, body);
}

typedef void put_fn(struct map *map, struct balancer *b, const struct parts *parts, struct doc *list,
		    const struct child *child);

static void put_list(struct map *map, struct balancer *b, const struct parts *parts, const char *key, const char *path,
		     put_fn *put)
{
	size_t n;
	struct doc *there = doc_get(b->doc, key), *list = there ? there : doc_list(map->store, b->doc, key, false);
	struct child *children = map_children(map, b->resource, path, store_printf(map->store, TYPE "/%s", path), &n);
	for (size_t i = 0; i < n; i++)
		put(map, b, parts, list, &children[i]);
	list->dropped = doc_is_empty(list);
}

/* ---- a balancer ---- */

static void put_balancer(struct map *map, struct resource *resource)
{
	const char *sku = prop_text(resource->body, "sku.name");
	struct balancer b = {resource, NULL, sku && !text_same(sku, "Basic")};
	resource->mapped = true;
	resource->given = map_name(map, "hosts", resource->label);
	b.doc = map_object(map, map->balancers, resource->given, resource->label, resource->body);
	map_source(map, b.doc, resource->body);
	if (!b.standard)
		doc_scalar(map->store, b.doc, "sku", "basic");
	if (sku && text_same(sku, "Gateway"))
		note_prop(map->import, SEVERITY_CHANGES, prop(resource->body, "sku"), "%s: a gateway load balancer",
			  resource->given);
	struct parts parts = {doc_map(map->store, b.doc, "frontends", false),
			      doc_map(map->store, b.doc, "pools", false), doc_map(map->store, b.doc, "probes", false)};
	put_frontends(map, &b, parts.frontends);
	if (doc_is_empty(parts.frontends)) {
		note(map->import, SEVERITY_CHANGES, resource->body,
		     "load balancer %s: none of its frontends is in the scenario", resource->label);
		b.doc->dropped = true;
		resource->given = NULL;
		return;
	}
	put_pools(map, &b, parts.pools);
	put_probes(map, &b, parts.probes);
	put_list(map, &b, &parts, "rules", "loadBalancingRules", put_rule);
	put_list(map, &b, &parts, "inbound_nat", "inboundNatRules", put_inbound);
	put_list(map, &b, &parts, "inbound_nat", "inboundNatPools", put_inbound);
	put_list(map, &b, &parts, "outbound", "outboundRules", put_outbound);
	parts.pools->dropped = doc_is_empty(parts.pools);
	parts.probes->dropped = doc_is_empty(parts.probes);
}

void map_balancers(struct map *map)
{
	struct import *import = map->import;
	for (size_t i = 0; knows("network.load_balancers") && i < import->n_resources; i++)
		if (resource_is(import->resources[i], TYPE) && !import->resources[i]->existing)
			put_balancer(map, import->resources[i]);
}

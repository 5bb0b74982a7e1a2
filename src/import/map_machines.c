/* DOC: machines. A host of the scenario is a network interface: it has the name of its machine where the machine has one
 * interface, else its own. A scale set is as many machines as its capacity says. What listens on a machine no input
 * says: hosts that have a public address, or stand behind a balancer, are assumed to take calls. */
#include "import/map.h"
#include "scenario/keys.h"
#include <stdlib.h>
#include <string.h>

#define MAX_INSTANCES 200

/* ---- which machine an interface is of ---- */

struct owner {
	struct resource *vm;
	const char *nic_key;
	bool only; /* its only interface */
	bool primary;
};

static bool has_windows(struct resource *vm)
{
	struct js *image = prop(vm->body, "storageProfile.imageReference.publisher");
	const char *publisher = js_string(image), *os = prop_text(vm->body, "storageProfile.osDisk.osType");
	return prop(vm->body, "osProfile.windowsConfiguration") ||
	       (publisher && text_begins(publisher, "MicrosoftWindows")) || (os && text_same(os, "windows"));
}

static void gather_owners(struct map *map, struct resource *vm, struct owner **owners, size_t *n)
{
	struct js *list = prop(vm->body, "networkProfile.networkInterfaces");
	each_item(item, list)
	{
		const char *id = prop_id(item, "id");
		struct resource *nic = resource_find(map->import, id, "networkInterfaces");
		void *items = *owners;
		struct js *primary = prop(item, "primary");
		if (!id || !nic) {
			const char *label = id ? strrchr(id, '/') : NULL;
			note_prop(map->import, SEVERITY_CHANGES, item,
				  "machine %s: its interface %s is not among the inputs", vm->label,
				  label ? label + 1 : "");
			continue;
		}
		if (!store_grow(map->store, &items, *n, sizeof **owners))
			return;
		*owners = items;
		(*owners)[(*n)++] =
			(struct owner){vm, nic->key, !list || list->n == 1, !primary || js_is_true(primary)};
	}
}

/* A machine that does not run answers nothing, and forwards nothing. */
static void note_power(struct map *map, struct resource *vm)
{
	struct js *state = prop(vm->body, "extended.instanceView.powerState.code");
	const char *text = js_string(state ? state : (state = prop(vm->body, "powerState")));
	if (!text)
		each_item(item, prop(vm->body, "instanceView.statuses"))
		{
			const char *code = prop_text(item, "code");
			if (code && text_begins(code, "PowerState/"))
				text = js_string(state = prop(item, "code"));
		}
	if (text && (text_ends(text, "deallocated") || text_ends(text, "stopped")))
		note_prop(map->import, SEVERITY_CHANGES, state, "machine %s is stopped; in the scenario it runs",
			  vm->label);
}

static const struct owner *owner_of(const struct owner *owners, size_t n, const struct resource *nic)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(owners[i].nic_key, nic->key) == 0)
			return &owners[i];
	return NULL;
}

/* ---- one interface ---- */

/* The address configuration that counts: IPv4, the primary one first. */
static struct js *main_configuration(struct js *list)
{
	struct js *first = NULL;
	each_item(item, list)
	{
		const char *version = prop_text(item, "privateIPAddressVersion");
		if (version && text_same(version, "IPv6"))
			continue;
		if (prop_true(item, "primary"))
			return item;
		first = first ? first : item;
	}
	return first;
}

static void note_other_configurations(struct map *map, struct js *list, const struct js *main, const char *what)
{
	each_item(item, list)
	{
		const char *version = prop_text(item, "privateIPAddressVersion"), *name = prop_text(item, "name");
		if (item != main)
			note_prop(map->import, version && text_same(version, "IPv6") ? SEVERITY_MAY : SEVERITY_CHANGES,
				  item, "%s: further address configuration %s", what, name ? name : "");
	}
}

static be32 put_ip(struct map *map, struct doc *doc, struct js *configuration, const char *what)
{
	struct js *at = prop(configuration, "privateIPAddress");
	const char *text = js_string(at), *method = prop_text(configuration, "privateIPAllocationMethod");
	be32 addr = ADDR_NONE;
	if (!at || !*at->text)
		return ADDR_NONE;
	if (text && !at->why && addr_parse(text, &addr)) {
		struct doc *ip = doc_scalar(map->store, doc, "ip", text);
		ip->what = store_printf(map->store, "%s: its address %s", what, text);
		ip->from = at;
		return addr;
	}
	if (!method || text_same(method, "static"))
		need(map->import, at, store_printf(map->store, "%s: its address", what));
	return ADDR_NONE;
}

static bool is_standard(struct map *map, struct js *node, const char *path)
{
	const char *id = prop_id(node, path);
	struct resource *address = resource_find(map->import, id, "publicIPAddresses");
	const char *sku = address ? prop_text(address->body, "sku.name") : NULL;
	return sku && text_same(sku, "standard");
}

static bool put_public(struct map *map, struct doc *doc, struct js *configuration, const char *path, const char *what)
{
	bool assumed, standard = is_standard(map, configuration, path);
	const char *address = map_public_of(map, configuration, path, what, &assumed);
	const struct key *key = key_find(SECTION_HOST, "public_ip");
	if (!address)
		return false;
	struct doc *holder = doc;
	if (standard && key && key->type != KEY_ADDRESS) {
		holder = doc_map(map->store, doc, "public_ip", true);
		doc_scalar(map->store, holder, "address", address);
		doc_scalar(map->store, holder, "sku", "standard");
	} else {
		doc_scalar(map->store, doc, "public_ip", address);
		if (standard)
			note(map->import, SEVERITY_MAY, prop(configuration, path),
			     "%s: its standard public address is closed where no group allows", what);
	}
	if (assumed)
		map_comment(map, doc, store_printf(map->store, "ASSUMED: address %s", address));
	return true;
}

static void put_host_asgs(struct map *map, struct doc *doc, struct js *configuration, const char *what)
{
	struct js *groups = prop(configuration, "applicationSecurityGroups");
	struct doc *names = NULL;
	each_item(item, groups)
	{
		const char *id = prop_id(item, "id");
		struct resource *group = resource_find(map->import, id, "applicationSecurityGroups");
		if (!group || !group->given) {
			note_prop(map->import, SEVERITY_CHANGES, item, "%s: its application group", what);
			continue;
		}
		names = names ? names : doc_list(map->store, doc, "asg", true);
		doc_scalar(map->store, names, NULL, group->given);
	}
}

/* `holder` has enableIPForwarding and networkSecurityGroup. NULL: it is not in the scenario. */
static struct doc *put_host(struct map *map, const char *given, const char *original, struct js *holder,
			    struct js *list, const struct js *from, const char *nic_key, const char *ports)
{
	struct js *configuration = main_configuration(list);
	if (!configuration) {
		note(map->import, SEVERITY_CHANGES, from, "%s: it has no IPv4 address configuration", given);
		return NULL;
	}
	note_other_configurations(map, list, configuration, given);
	struct subnet_fact *subnet = map_subnet_of(map, configuration, "subnet", given);
	if (!subnet)
		return NULL;
	struct doc *doc = doc_map(map->store, map->hosts, given, true);
	map->current_file = NULL;
	doc->comment = map_where(map, given, original, from);
	doc->from = from;
	doc->what = given;
	doc_scalar(map->store, doc, "subnet", subnet->given);
	bool forwards = prop_true(holder, "enableIPForwarding");
	be32 addr = put_ip(map, doc, configuration, given);
	bool public = put_public(map, doc, configuration, "publicIPAddress", given);
	map_reference(map, doc, "nsg", holder, "networkSecurityGroup", "networkSecurityGroups",
		      store_printf(map->store, "%s: group", given));
	put_host_asgs(map, doc, configuration, given);
	if (forwards)
		doc_scalar(map->store, doc, "forwards", "true");
	if (public) {
		map_listen(map, doc, ports);
		map_comment(map, doc, "ASSUMED: what listens");
	}
	map_source(map, doc, from);
	subnet->caller = subnet->caller ? subnet->caller : given;
	if (public)
		map_entry(map, given, store_printf(map->store, "%s:%s", given, ports), from);
	(void)map_add_machine(map,
			      (struct machine_fact){given, subnet, addr, forwards, nic_key, configuration, doc, ports});
	return doc;
}

static void put_nic(struct map *map, struct resource *nic, const struct owner *owner)
{
	const char *original = owner && owner->only ? owner->vm->label : nic->label;
	const char *vm = owner ? NULL : prop_id(nic->body, "virtualMachine"), *label = vm ? strrchr(vm, '/') : NULL;
	original = label ? label + 1 : original;
	struct js *endpoint = prop(nic->body, "privateEndpoint");
	nic->mapped = true;
	if (endpoint) { /* the interface of a private endpoint, which is mapped by itself */
		mark_all(nic->body, MARK_USED);
		return;
	}
	nic->given = map_name(map, "hosts", original);
	if (!put_host(map, nic->given, original, nic->body, prop(nic->body, "ipConfigurations"), nic->body, nic->key,
		      owner && has_windows(owner->vm) ? "3389/tcp" : "22/tcp")) {
		nic->mapped = false;
		nic->given = NULL;
		return;
	}
	if (!owner && !prop(nic->body, "virtualMachine"))
		assume(map->import, nic->body, NULL, "%s: a machine of this interface, which none of the inputs has",
		       nic->given);
}

/* ---- machines with interfaces of their own, and scale sets ---- */

/* The first of the interfaces that a machine or a scale set describes itself; the others are noted. */
static struct js *first_interface(struct map *map, struct js *interfaces, const char *what)
{
	struct js *first = interfaces && interfaces->kind == JS_ARRAY ? interfaces->first : NULL;
	for (struct js *other = first ? first->next : NULL; other; other = other->next)
		note_prop(map->import, SEVERITY_CHANGES, other, "%s: a further interface of each machine", what);
	return first;
}

/* Each machine has a public address of its own, which Azure allots. */
static void put_own_public(struct map *map, struct doc *doc, struct js *interface, const char *original,
			   const char *ports, const struct js *from)
{
	struct js *configuration = main_configuration(prop(interface, "ipConfigurations")),
		  *public = prop(configuration, "publicIPAddressConfiguration");
	const char *sku = public ? prop_text(public, "sku.name") : NULL;
	bool assumed;
	if (!public || (public->kind != JS_UNKNOWN && public->n == 0))
		return;
	mark_all(public, MARK_USED);
	const char *address = map_public_address(map, NULL, original, doc->key, &assumed);
	struct doc *holder = sku && text_same(sku, "standard") ? doc_map(map->store, doc, "public_ip", true) : doc;
	doc_scalar(map->store, holder, holder == doc ? "public_ip" : "address", address);
	if (holder != doc)
		doc_scalar(map->store, holder, "sku", "standard");
	if (assumed)
		map_comment(map, doc,
			    store_printf(map->store, "ASSUMED: address %s. --address %s=IP", address, original));
	map_listen(map, doc, ports);
	map_comment(map, doc, "ASSUMED: what listens");
	map_entry(map, doc->key, store_printf(map->store, "%s:%s", doc->key, ports), from);
}

static bool put_instance(struct map *map, struct resource *holder, struct js *interface, const char *original,
			 const char *ports)
{
	struct doc *doc = put_host(map, map_name(map, "hosts", original), original, interface,
				   prop(interface, "ipConfigurations"), holder->body, NULL, ports);
	if (doc)
		put_own_public(map, doc, interface, original, ports, holder->body);
	return doc;
}

/* A machine that describes its interface itself, as those of flexible scale sets do. */
static void put_whole_machine(struct map *map, struct resource *vm)
{
	struct js *list = prop(vm->body, "networkProfile.networkInterfaceConfigurations"),
		  *first = first_interface(map, list, store_printf(map->store, "machine %s", vm->label));
	if (first && !put_instance(map, vm, first, vm->label, has_windows(vm) ? "3389/tcp" : "22/tcp"))
		vm->mapped = false;
}

/* Of flexible scale sets Azure lends no machine an address; the language says so of whole subnets. */
static void note_no_outbound(struct map *map, struct resource *set, struct js *interface, const char *what)
{
	const char *mode = prop_text(set->body, "orchestrationMode");
	struct js *configuration = main_configuration(prop(interface, "ipConfigurations")),
		  *pools = prop(configuration, "loadBalancerBackendAddressPools");
	struct subnet_fact *subnet = map_subnet(map, prop_id(configuration, "subnet"));
	bool has_way = prop(configuration, "publicIPAddressConfiguration") || (pools && pools->n > 0) || !subnet ||
		       doc_get(subnet->doc, "nat_gateway") || doc_get(subnet->doc, "private");
	if (mode && text_same(mode, "flexible") && !has_way)
		note(map->import, SEVERITY_CHANGES, prop(set->body, "orchestrationMode"),
		     "%s: flexible, so that Azure lends its machines no address; in the scenario it does", what);
}

static void put_scale_set(struct map *map, struct resource *set)
{
	const char *what = store_printf(map->store, "scale set %s", set->label);
	struct js *first = first_interface(
		map, prop(set->body, "virtualMachineProfile.networkProfile.networkInterfaceConfigurations"), what);
	int64_t capacity = 0;
	set->mapped = true;
	if (!first) {
		note(map->import, SEVERITY_CHANGES, set->body, "%s: it has no interface", what);
		return;
	}
	note_no_outbound(map, set, first, what);
	if (!prop_int(set->body, "sku.capacity", &capacity)) {
		capacity = 2;
		assume(map->import, set->body, NULL, "%s: 2 machines", what);
	}
	if (capacity > MAX_INSTANCES) {
		note(map->import, SEVERITY_CHANGES, prop(set->body, "sku.capacity"), "%s: %lld of its %lld machines",
		     what, (long long)capacity - MAX_INSTANCES, (long long)capacity);
		capacity = MAX_INSTANCES;
	}
	for (int64_t i = 0; i < capacity; i++)
		if (!put_instance(map, set, first, store_printf(map->store, "%s-%lld", set->label, (long long)i),
				  "22/tcp"))
			break;
}

/* Azure lets machines of some subscriptions send nothing to port 25 of the Internet; the model does. */
static void note_port_25(struct map *map)
{
	struct js *first = NULL;
	size_t n = 0;
	for (size_t i = 0; i < map->import->n_resources; i++) {
		struct resource *nic = map->import->resources[i];
		struct js *at =
			resource_is(nic, "networkInterfaces") && nic->given ? prop(nic->body, "allowPort25Out") : NULL;
		if (!at || js_is_true(at))
			continue;
		first = first ? first : at;
		mark_all(at, MARK_NOTED);
		n++;
	}
	if (n > 0)
		note(map->import, SEVERITY_MAY, first,
		     "%zu interface%s may send nothing to port 25 of the Internet; the scenario lets them", n,
		     n == 1 ? "" : "s");
}

void map_machines(struct map *map)
{
	struct import *import = map->import;
	struct owner *owners = NULL;
	size_t n = 0;
	for (size_t i = 0; i < import->n_resources; i++) {
		struct resource *at = import->resources[i];
		if (!resource_is(at, "Microsoft.Compute/virtualMachines") || at->existing)
			continue;
		at->mapped = true;
		gather_owners(map, at, &owners, &n);
		note_power(map, at);
	}
	for (size_t i = 0; i < import->n_resources; i++) {
		struct resource *at = import->resources[i];
		if (at->existing)
			continue;
		if (resource_is(at, "networkInterfaces"))
			put_nic(map, at, owner_of(owners, n, at));
		else if (resource_is(at, "Microsoft.Compute/virtualMachineScaleSets"))
			put_scale_set(map, at);
		else if (resource_is(at, "Microsoft.Compute/virtualMachines"))
			put_whole_machine(map, at);
	}
	note_port_25(map);
}

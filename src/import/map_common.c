/* What all parts of the mapping need: names, places in comments, prefixes, public addresses, and finding subnets and
 * machines. */
#include "base/names.h"
#include "import/map.h"
#include <string.h>

/* ---- names ---- */

static bool is_reserved(const char *name)
{
	static const char *const reserved[] = {"internet", "backbone", "region", "gateway", "azure-dns", "public-dns",
					       "vnet",     "none",     "drops",  "all",     "realms",    "any"};
	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (text_same(name, reserved[i]))
			return true;
	return false;
}

/* Into letters that names have, as few changes as possible. Names of the scenario's own have small letters, digits and
 * hyphens; those of the network are Azure's. */
static const char *make_name(struct map *map, const char *original, bool own)
{
	static const char own_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	char *name = store_array(map->store, 64, 1);
	size_t n = 0;
	if (!name)
		return "x";
	for (const char *p = original; *p && n < 48; p++) {
		char c = (char)(own && *p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
		bool good = strchr(own ? own_letters : NAME_AZURE_LETTERS, c) && !(n == 0 && strchr("_.-", c));
		if (good || (n > 0 && name[n - 1] != '-'))
			name[n++] = good ? c : '-';
	}
	while (n > 0 && strchr(".-", name[n - 1]))
		n--;
	name[n] = '\0';
	return n ? name : "unnamed";
}

static bool take_name(struct map *map, const char *space, const char *name)
{
	const char *key = store_lower(map->store, store_printf(map->store, "%s/%s", space, name));
	int r = names_add(&map->taken, key, 0);
	map->store->failed = map->store->failed || r < 0;
	return r == 0;
}

const char *map_name(struct map *map, const char *space, const char *original)
{
	bool own = strcmp(space, "flows") == 0 || strcmp(space, "scenario") == 0;
	const char *name = (own ? name_is_valid(original) : name_is_azures(original))
				   ? store_text(map->store, original, strlen(original))
				   : make_name(map, original, own);
	bool reserved = (strcmp(space, "hosts") == 0 || strcmp(space, "vnets") == 0 || strcmp(space, "flows") == 0) &&
			is_reserved(name);
	if (!reserved && take_name(map, space, name))
		return name;
	for (unsigned i = reserved ? 1 : 2; i < 100000 && !map->store->failed; i++) {
		const char *other = store_printf(map->store, "%.56s-%u", name, i);
		if (take_name(map, space, other))
			return other;
	}
	return name;
}

/* ---- comments ---- */

const char *map_where(struct map *map, const char *given, const char *original, const struct js *from)
{
	char pointer[JS_POINTER_BYTES];
	const char *renamed = original && given && strcmp(given, original) != 0 ? original : NULL;
	const char *before = renamed ? renamed : "", *gap = renamed ? "  " : "";
	if (!from || !from->file)
		return before;
	js_pointer(from, pointer, sizeof pointer);
	if (map->current_file && strcmp(map->current_file, from->file) == 0)
		return store_printf(map->store, "%s%s:%u %s", before, gap, from->line, pointer);
	return store_printf(map->store, "%s%s%s:%u %s", before, gap, from->file, from->line, pointer);
}

void map_source(struct map *map, struct doc *doc, const struct js *from)
{
	if (from && from->file && from->line && knows("network.nsgs.source"))
		doc_scalar(map->store, doc, "source", store_printf(map->store, "%s:%u", from->file, from->line));
}

void map_comment(struct map *map, struct doc *doc, const char *comment)
{
	doc->comment =
		doc->comment && *doc->comment ? store_printf(map->store, "%s  %s", doc->comment, comment) : comment;
}

struct doc *map_object(struct map *map, struct doc *parent, const char *given, const char *original,
		       const struct js *from)
{
	struct doc *doc = doc_map(map->store, parent, given, false);
	map->current_file = NULL;
	doc->comment = map_where(map, given, original, from);
	map->current_file = from ? from->file : NULL;
	doc->from = from;
	doc->what = given;
	return doc;
}

/* ---- prefixes ---- */

bool map_is_ipv6(const char *text)
{
	return strchr(text, ':') && strspn(text, "0123456789abcdefABCDEF:./") == strlen(text);
}

static const char *public_address_of(struct map *map, struct resource *address, const char *what, bool *ret_assumed);

/* A value that is the address that Azure allots to a resource: of a public one the scenario has a stand-in. */
static bool allotted(struct map *map, struct js *at, const char *what, struct prefix *ret)
{
	const char *text = js_string(at);
	struct resource *resource =
		text && text_begins(text, JS_ADDRESS_OF)
			? resource_find(map->import, text + strlen(JS_ADDRESS_OF), "publicIPAddresses")
			: NULL;
	bool assumed;
	if (!resource || resource->existing)
		return false;
	const char *address = public_address_of(map, resource, what, &assumed);
	at->mark = MARK_USED;
	*ret = (struct prefix){.length = 32};
	if (!addr_parse(address, &ret->addr))
		return false;
	assume(map->import, at, store_printf(map->store, "--address %s=IP", resource->label), "%s: %s is %s", what,
	       resource->label, address);
	return true;
}

bool map_prefix(struct map *map, struct js *at, const char *what, struct prefix *ret)
{
	const char *text = js_string(at);
	be32 addr;
	if (js_is_unknown(at) && allotted(map, at, what, ret))
		return true;
	if (js_is_unknown(at)) {
		need(map->import, at, what);
		return false;
	}
	if (!text) {
		if (at)
			note_prop(map->import, SEVERITY_CHANGES, at, "%s: this is no prefix", what);
		return false;
	}
	at->mark = at->mark == MARK_NONE ? MARK_USED : at->mark;
	if (addr_parse(text, &addr)) {
		*ret = (struct prefix){addr, 32};
		return true;
	}
	switch (prefix_parse(text, ret)) {
	case PREFIX_OK:
		return true;
	case PREFIX_HOST_BITS:
		assume(map->import, at, NULL, "%s: %s is taken for its network", what, text);
		return true;
	case PREFIX_SYNTAX:
		break;
	}
	if (map_is_ipv6(text))
		note_prop(map->import, SEVERITY_MAY, at, "%s: IPv6 prefix %s", what, text);
	else
		note_prop(map->import, SEVERITY_CHANGES, at, "%s: `%s` is no prefix", what, text);
	return false;
}

/* ---- public addresses ---- */

/* Documentation has three networks: 203.0.113.0/24, then 198.51.100.128/25, then 192.0.2.0/24. */
static const char *stand_in_address(struct map *map)
{
	uint32_t n = map->next_public++;
	if (n < 255)
		return store_printf(map->store, "203.0.113.%u", n);
	if (n < 255 + 127)
		return store_printf(map->store, "198.51.100.%u", n - 255 + 128);
	return store_printf(map->store, "192.0.2.%u", (n - 255 - 127) % 255 + 1);
}

const char *map_public_address(struct map *map, struct js *from, const char *name, const char *what, bool *ret_assumed)
{
	const char *text = address_of(map->import, name), *found = from ? prop_text(from, "ipAddress") : NULL;
	be32 addr;
	*ret_assumed = false;
	if (text)
		return text;
	if (found && addr_parse(found, &addr) && !js_is_unknown(prop(from, "ipAddress")))
		return found;
	*ret_assumed = true;
	text = stand_in_address(map);
	assume(map->import, from, store_printf(map->store, "--address %s=IP", name), "%s: public address %s", what,
	       text);
	return text;
}

/* The same wherever it is asked for. */
static const char *public_address_of(struct map *map, struct resource *address, const char *what, bool *ret_assumed)
{
	*ret_assumed = false;
	if (!address->address)
		address->address = map_public_address(map, address->body, address->label, what, ret_assumed);
	return address->address;
}

const char *map_public_of(struct map *map, struct js *node, const char *path, const char *what, bool *ret_assumed)
{
	const char *id = prop_id(node, path);
	struct js *at = prop(node, path);
	if (!at)
		return NULL;
	struct resource *address = id ? resource_find(map->import, id, "publicIPAddresses") : NULL;
	if (!address) {
		/* az expands references sometimes: the address itself stands there then. */
		const char *name = prop_text(at, "name"), *label = id ? strrchr(id, '/') : NULL;
		name = name ? name : label ? label + 1 : what;
		return map_public_address(map, prop(at, "ipAddress") ? at : NULL, name, what, ret_assumed);
	}
	address->mapped = true;
	return public_address_of(map, address, what, ret_assumed);
}

/* ---- subnets and machines ---- */

struct subnet_fact *map_subnet(struct map *map, const char *id)
{
	if (!id)
		return NULL;
	const char *key = store_lower(map->store, id), *tail = strstr(key, "/providers/");
	struct subnet_fact *only = NULL;
	for (size_t i = 0; i < map->n_subnets; i++)
		if (strcmp(map->subnets[i].key, key) == 0)
			return &map->subnets[i];
	for (size_t i = 0; tail && i < map->n_subnets; i++) {
		if (!text_ends(map->subnets[i].key, tail))
			continue;
		if (only)
			return NULL;
		only = &map->subnets[i];
	}
	return only;
}

struct subnet_fact *map_subnet_of_address(struct map *map, be32 addr, const struct resource *vnet)
{
	struct subnet_fact *found = NULL;
	for (size_t i = 0; i < map->n_subnets; i++) {
		struct subnet_fact *at = &map->subnets[i];
		if (!at->given || at->cidr.length == 0 || !prefix_contains(at->cidr, addr))
			continue;
		if (vnet && at->vnet == vnet)
			return at;
		found = found ? found : at;
	}
	return found;
}

struct machine_fact *map_add_machine(struct map *map, struct machine_fact machine)
{
	void *items = map->machines;
	if (!store_grow(map->store, &items, map->n_machines, sizeof *map->machines))
		return NULL;
	map->machines = items;
	map->machines[map->n_machines] = machine;
	return &map->machines[map->n_machines++];
}

const char *map_hop_of_address(struct map *map, be32 addr)
{
	for (size_t i = 0; i < map->n_machines; i++)
		if (map->machines[i].forwards && be32_equal(map->machines[i].addr, addr))
			return map->machines[i].given;
	return NULL;
}

struct child *map_children(struct map *map, struct resource *parent, const char *path, const char *type, size_t *ret_n)
{
	struct js *inside = prop(parent->body, path);
	struct child *children = NULL;
	size_t n = 0;
	*ret_n = 0;
	each_item(item, inside)
	{
		void *items = children;
		const char *name = prop_text(item, "name");
		if (!store_grow(map->store, &items, n, sizeof *children))
			return NULL;
		children = items;
		children[n++] = (struct child){name ? name : "", item, NULL};
	}
	for (struct resource *at = parent->first_child; at; at = at->sibling) {
		size_t k = 0;
		if (!resource_is(at, type))
			continue;
		while (k < n && !text_same(children[k].label, at->label))
			k++;
		void *items = children;
		at->mapped = true;
		if (at->existing)
			continue;
		if (k == n && !store_grow(map->store, &items, n, sizeof *children))
			return NULL;
		children = items;
		if (k < n) /* deployed inline and by itself: the latter comes later */
			mark_all(children[k].body, MARK_USED);
		children[k] = (struct child){at->label, at->body, at};
		n += k == n;
	}
	*ret_n = n;
	return children;
}

/* ---- references ---- */

void map_reference(struct map *map, struct doc *doc, const char *key, struct js *body, const char *path,
		   const char *type, const char *what)
{
	struct js *at = prop(body, path);
	const char *id = prop_id(body, path);
	if (!at || (at->kind == JS_OBJECT && at->n == 0))
		return;
	struct js *name = at->kind == JS_OBJECT ? prop(at, "id") : at;
	if (!id || (js_is_unknown(name) && !resource_find(map->import, id, type))) {
		need(map->import, name ? name : at, what);
		return;
	}
	struct resource *found = resource_find(map->import, id, type);
	if (found && found->given) {
		struct doc *reference = doc_scalar(map->store, doc, key, found->given);
		reference->what = store_printf(map->store, "%s: %s", what, found->given);
		reference->from = at;
		return;
	}
	const char *label = strrchr(id, '/');
	note_prop(map->import, SEVERITY_CHANGES, at, "%s %s, which is not %s", what, label ? label + 1 : id,
		  found && !found->existing ? "in the scenario" : "among the inputs");
}

struct subnet_fact *map_subnet_of(struct map *map, struct js *body, const char *path, const char *what)
{
	const char *id = prop_id(body, path);
	struct subnet_fact *subnet = map_subnet(map, id);
	struct js *at = prop(body, path), *name = at && at->kind == JS_OBJECT ? prop(at, "id") : at;
	if (subnet && subnet->given)
		return subnet;
	if (!id || js_is_unknown(name)) {
		need(map->import, name ? name : at ? at : body, store_printf(map->store, "%s: its subnet", what));
		return NULL;
	}
	const char *label = strrchr(id, '/');
	note_prop(map->import, SEVERITY_CHANGES, at, "%s: its subnet %s is not %s", what, label ? label + 1 : id,
		  subnet ? "in the scenario" : "among the inputs");
	return NULL;
}

void map_listen(struct map *map, struct doc *host, const char *port)
{
	struct doc *ports = doc_get(host, "listen");
	if (!ports)
		ports = doc_list(map->store, host, "listen", true);
	for (struct doc *at = ports->first; at; at = at->next)
		if (strcmp(at->text, port) == 0)
			return;
	doc_scalar(map->store, ports, NULL, port);
}

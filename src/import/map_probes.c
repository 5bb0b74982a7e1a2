/* DOC: the traffic of an imported scenario. No input has traffic, so that there is one probe for each subnet that
 * can call, to a host that stands for the Internet, and one from there to each public entry. */
#include "import/map.h"
#include <string.h>

#define MAX_PROBES 2000u

void map_entry(struct map *map, const char *label, const char *to, const struct js *from)
{
	void *items = map->entries;
	if (!store_grow(map->store, &items, map->n_entries, sizeof *map->entries))
		return;
	map->entries = items;
	map->entries[map->n_entries++] = (struct entry){label, to, from};
}

static const char *put_visitor(struct map *map)
{
	const char *given = map_name(map, "hosts", "visitor");
	struct doc *doc = doc_map(map->store, map->hosts, given, true);
	doc->comment = "ASSUMED: stands for the Internet";
	doc->what = given;
	doc_scalar(map->store, doc, "internet", "true");
	doc_scalar(map->store, doc, "ip", "198.51.100.10");
	map_listen(map, doc, "80/tcp");
	map_listen(map, doc, "443/tcp");
	assume(map->import, NULL, NULL, "%s: a host that stands for the Internet", given);
	return given;
}

static void put_flow(struct map *map, const char *label, const char *from, const char *to, const struct js *place)
{
	const char *given = map_name(map, "flows", label);
	struct doc *doc = doc_map(map->store, map->flows, given, true);
	doc->what = store_printf(map->store, "probe %s", given);
	doc->from = place;
	doc_scalar(map->store, doc, "from", from);
	doc_scalar(map->store, doc, "to", to);
}

void map_probes(struct map *map)
{
	const char *visitor = NULL;
	size_t n = 0;
	if (map->import->no_flows)
		return;
	for (size_t i = 0; i < map->n_subnets && n < MAX_PROBES; i++) {
		const struct subnet_fact *subnet = &map->subnets[i];
		if (!subnet->caller)
			continue;
		visitor = visitor ? visitor : put_visitor(map);
		put_flow(map, store_printf(map->store, "%s-to-internet", subnet->name), subnet->caller,
			 store_printf(map->store, "%s:443/tcp", visitor), subnet->body);
		n++;
	}
	for (size_t i = 0; i < map->n_entries && n < MAX_PROBES; i++, n++) {
		visitor = visitor ? visitor : put_visitor(map);
		put_flow(map, store_printf(map->store, "internet-to-%s", map->entries[i].label), visitor,
			 map->entries[i].to, map->entries[i].from);
	}
}

/* DOC: of what values.c walks: the lists, and the maps that are no sections. */
#include "net/tuple.h"
#include "scenario/values_internal.h"
#include <inttypes.h>
#include <string.h>

static void ports(struct walk *walk, struct resolved *list, const struct nsg_ports *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct resolved *item = NULL;
		if (items[i].first == 0 && items[i].last == UINT16_MAX)
			values_add_item(walk, list, "any");
		else if (items[i].first == items[i].last)
			values_add_item(walk, list, "%u", items[i].first);
		else
			item = values_add_item(walk, list, "%u-%u", items[i].first, items[i].last);
		if (item)
			item->is_quoted = true;
	}
}

void values_items_of(struct walk *walk, struct resolved *list, const struct key *key, const void *object)
{
	const struct value *value = &key->value;
	const void *items = values_pointer(object, value);
	size_t n = values_number(object, value);
	char text[PREFIX_TEXT_BYTES > ADDR_TEXT_BYTES ? PREFIX_TEXT_BYTES : ADDR_TEXT_BYTES];
	if (value->form == VALUE_PORTS) {
		ports(walk, list, items, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct nsg_address *address =
			value->form == VALUE_PARTIES ? (const struct nsg_address *)items + i : NULL;
		if (address && address->tag != NSG_PREFIX)
			values_add_item(walk, list, "%s", nsg_address_name(address));
		else if (address)
			values_add_item(walk, list, "%s", prefix_print(address->prefix, text));
		else if (value->form == VALUE_ADDRESSES)
			values_add_item(walk, list, "%s", addr_print(((const be32 *)items)[i], text));
		else if (value->form == VALUE_PREFIXES || value->form == VALUE_SOME_PREFIXES ||
			 value->form == VALUE_RANGES)
			values_add_item(walk, list, "%s", prefix_print(((const struct prefix *)items)[i], text));
		else if (value->form == VALUE_WORKERS)
			values_add_item(walk, list, "worker-%" PRIu32, ((const uint32_t *)items)[i]);
		else if (value->form == VALUE_NAMES)
			values_add_item(walk, list, "%s", values_name_at(items, i, value->item_bytes));
		else if (value->form == VALUE_REFS)
			values_add_item(walk, list, "%s", values_referred(walk, value, ((const uint32_t *)items)[i]));
		else
			values_add_item(walk, list, "%u/%s", ((const struct service_port *)items)[i].port,
					proto_name(((const struct service_port *)items)[i].proto));
	}
}

void values_bits(struct walk *walk, struct resolved *list, const struct key *key, uint32_t set)
{
	const char *values = key->values;
	for (uint32_t bit = 1; values; bit <<= 1, values = strchr(values, '|') ? strchr(values, '|') + 1 : NULL)
		if (set & bit)
			values_add_item(walk, list, "%.*s", (int)strcspn(values, "|"), values);
}

void values_tags(struct walk *walk, struct resolved *map, const struct key *key, const void *object)
{
	const struct tag_config *items = values_pointer(object, &key->value);
	char text[PREFIX_TEXT_BYTES];
	for (size_t i = 0; i < values_number(object, &key->value); i++) {
		struct resolved *list = values_add(walk, map, TREE_LIST, items[i].name);
		if (list)
			list->key = key;
		for (uint32_t k = 0; list && k < items[i].named.n; k++)
			values_add_item(walk, list, "%s", prefix_print(items[i].named.prefixes[k], text));
	}
}

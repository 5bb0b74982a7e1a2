/* DOC: walks the table of keys beside the model: each key says where its value lies in the struct of its object, and
 * what it is there. What the model does not have as it was written (ends of calls, events, taps, expectations) is taken
 * from the file's tree. */
#include "base/units.h"
#include "model/elements.h"
#include "net/tuple.h"
#include "scenario/values_internal.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- nodes ---- */

struct resolved *values_add(struct walk *walk, struct resolved *parent, enum tree_kind kind, const char *name)
{
	struct resolved *node = arena_alloc(walk->arena, sizeof *node);
	if (!node) {
		walk->failed = true;
		return NULL;
	}
	*node = (struct resolved){.kind = kind, .name = name, .text = ""};
	if (!parent)
		return node;
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	return node;
}

static struct resolved *add_key(struct walk *walk, struct resolved *parent, enum tree_kind kind, const struct key *key)
{
	struct resolved *node = values_add(walk, parent, kind, key->name);
	if (node)
		node->key = key;
	return node;
}

void values_set_text(struct walk *walk, struct resolved *node, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = arena_vprintf(walk->arena, format, args);
	va_end(args);
	walk->failed = walk->failed || !text;
	if (node && text)
		node->text = text;
}

struct resolved *values_add_item(struct walk *walk, struct resolved *list, const char *format, ...)
{
	struct resolved *item = values_add(walk, list, TREE_SCALAR, NULL);
	va_list args;
	va_start(args, format);
	const char *text = arena_vprintf(walk->arena, format, args);
	va_end(args);
	walk->failed = walk->failed || !text;
	if (item && text)
		item->text = text;
	return item;
}

/* ---- members of the object ---- */

static const void *member(const void *object, const struct value *value)
{
	return (const char *)object + value->at;
}

static bool flag(const void *object, uint32_t at)
{
	return *((const char *)object + at - 1) != 0;
}

const void *values_pointer(const void *object, const struct value *value)
{
	const void *ret;
	memcpy(&ret, member(object, value), sizeof ret);
	return ret;
}

size_t values_number(const void *object, const struct value *value)
{
	const char *at = (const char *)object + value->n_at;
	if (value->n_bytes == sizeof(uint32_t)) {
		uint32_t n;
		memcpy(&n, at, sizeof n);
		return n;
	}
	size_t n;
	memcpy(&n, at, sizeof n);
	return n;
}

static uint32_t u32(const void *object, const struct value *value)
{
	uint32_t ret;
	memcpy(&ret, member(object, value), sizeof ret);
	return ret;
}

static uint64_t u64(const void *object, const struct value *value)
{
	uint64_t ret;
	memcpy(&ret, member(object, value), sizeof ret);
	return ret;
}

const char *values_name_at(const void *array, size_t i, size_t item_bytes)
{
	const char *name;
	memcpy(&name, (const char *)array + i * item_bytes, sizeof name);
	return name;
}

/* The name of the model's array that a reference names. */
const char *values_referred(const struct walk *walk, const struct value *value, uint32_t index)
{
	const void *array;
	memcpy(&array, (const char *)walk->model + value->of_at, sizeof array);
	return values_name_at(array, index, value->item_bytes);
}

static void word(struct walk *walk, struct resolved *node, const char *values, uint32_t index)
{
	for (; index > 0 && strchr(values, '|'); index--)
		values = strchr(values, '|') + 1;
	values_set_text(walk, node, "%.*s", (int)strcspn(values, "|"), values);
}

static void subnet(struct walk *walk, struct resolved *node, uint32_t index)
{
	const struct subnet_config *config = &walk->model->subnets[index];
	values_set_text(walk, node, "%s/%s", walk->model->vnets[config->vnet].name, config->name);
}

/* ---- lists ---- */

static void rules(struct walk *walk, struct resolved *list, const struct nsg_config *nsg, uint32_t direction)
{
	for (uint32_t i = 0; i < nsg->rules.n[direction]; i++) {
		struct resolved *item = values_add(walk, list, TREE_MAP, NULL);
		if (item)
			values_section(walk, item, SECTION_RULE, &nsg->rules.rules[direction][i], NULL);
	}
}

/* ---- what holds further keys ---- */

static void object_of(struct walk *walk, struct resolved *map, enum section of, const void *object,
		      const struct tree *written)
{
	const char *name = values_name_at(object, 0, 0);
	struct resolved *node = values_add(walk, map, TREE_MAP, name);
	if (node)
		values_section(walk, node, of, object, tree_get(written, name));
}

static void named(struct walk *walk, struct resolved *map, const struct key *key, const void *object,
		  const struct tree *written)
{
	const struct model *model = walk->model;
	const char *items = NULL;
	size_t n = 0, item_bytes = key->value.item_bytes;
	if (key->value.form == VALUE_NAMED) {
		items = values_pointer(object, &key->value);
		n = values_number(object, &key->value);
	} else if (key->value.form == VALUE_APPS) {
		const struct ase_config *ase = object;
		items = (const char *)(model->apps + ase->app_first);
		n = ase->n_apps;
		item_bytes = sizeof *model->apps;
	}
	for (size_t i = 0; i < n; i++)
		object_of(walk, map, key->of, items + i * item_bytes, written);
	if (key->value.form != VALUE_SUBNETS)
		return;
	const uint32_t vnet = (uint32_t)((const struct vnet_config *)object - model->vnets);
	for (uint32_t i = model_first_subnet(model, vnet); i < model->n_subnets && model->subnets[i].vnet == vnet; i++)
		object_of(walk, map, key->of, &model->subnets[i], written);
}

/* A list of maps. */
static void listed(struct walk *walk, struct resolved *list, const struct key *key, const void *object)
{
	const char *items = values_pointer(object, &key->value);
	size_t n = values_number(object, &key->value);
	for (size_t i = 0; i < n; i++) {
		struct resolved *item = values_add(walk, list, TREE_MAP, NULL);
		if (item)
			values_section(walk, item, key->of, items + i * key->value.item_bytes, NULL);
	}
}

/* A list of those that a list names, here or there; or all sides of this network, key by key. */
static void peers(struct walk *walk, struct resolved *node, const struct key *key, const struct vnet_config *vnet)
{
	for (size_t i = 0; i < vnet->n_peerings; i++) {
		const char *name = walk->model->vnets[vnet->peerings[i].vnet].name;
		struct resolved *side = vnet->has_peer_map ? values_add(walk, node, TREE_MAP, name) : NULL;
		if (side)
			values_section(walk, side, key->of, &vnet->peerings[i], NULL);
		else
			values_add_item(walk, node, "%s", name);
	}
}

/* ---- a key ---- */

/* Whether a value is there at all. */
static bool is_given(const struct key *key, const void *object)
{
	const struct value *value = &key->value;
	const struct host_config *host = object;
	if ((value->if_at && !flag(object, value->if_at)) || (value->unless_at && flag(object, value->unless_at)))
		return false;
	switch ((int)value->form) {
	case VALUE_TEXT:
		return values_pointer(object, value) != NULL;
	case VALUE_TRUTH:
		return *(const bool *)member(object, value);
	case VALUE_SIZE64:
	case VALUE_RATE:
		return u64(object, value) != 0;
	case VALUE_ADDRESS: {
		const be32 *addr = (const void *)((const char *)object + value->at);
		return !be32_equal(*addr, ADDR_NONE);
	}
	case VALUE_LIMIT:
	case VALUE_SOME_BITS:
		return u32(object, value) != 0;
	case VALUE_ADDRESSES:
	case VALUE_SOME_PREFIXES:
	case VALUE_NAMES:
	case VALUE_TAGS:
	case VALUE_REFS:
		return values_number(object, value) != 0;
	case VALUE_PEERS:
		return ((const struct vnet_config *)object)->n_peerings != 0;
	case VALUE_REF:
		return u32(object, value) != NONE;
	case VALUE_HOST_SUBNET:
		return host->kind == HOST_VM;
	case VALUE_HOST_INTERNET:
		return host->kind == HOST_INTERNET;
	case VALUE_HOST_REGION:
	case VALUE_HOST_SERVICE:
		return host->kind == HOST_SERVICE;
	case VALUE_HOST_SITE:
		return host->kind == HOST_SITE;
	case VALUE_HOST_PUBLIC:
		return host->kind == HOST_VM && !be32_equal(host->public_ip, ADDR_NONE);
	case VALUE_REPLY:
	case VALUE_THEN:
		return !((const struct flow_config *)object)->has_no_dialogue;
	case VALUE_HOLD:
		return ((const struct flow_config *)object)->holds;
	}
	return true;
}

static void of_host(struct walk *walk, struct resolved *node, enum value_form form, const struct host_config *host)
{
	static const char *const services[] = {"none", "storage", "sql", "management"};
	char text[ADDR_TEXT_BYTES];
	switch ((int)form) {
	case VALUE_HOST_SUBNET:
		subnet(walk, node, host->subnet);
		return;
	case VALUE_HOST_INTERNET:
		values_set_text(walk, node, "true");
		return;
	case VALUE_HOST_REGION:
		values_set_text(walk, node, "%s", walk->model->regions[host->region].name);
		return;
	case VALUE_HOST_SERVICE:
		values_set_text(walk, node, "%s", services[host->service]);
		return;
	case VALUE_HOST_SITE:
		values_set_text(walk, node, "%s", walk->model->sites[host->site].name);
		return;
	}
	values_set_text(walk, node, "%s", addr_print(host->public_ip, text));
}

static void of_flow(struct walk *walk, struct resolved *node, const struct key *key, const struct flow_config *flow)
{
	char text[UNITS_TEXT_BYTES];
	switch ((int)key->value.form) {
	case VALUE_REPLY:
		node->is_implied = flow->proto == PROTO_ICMP;
		values_set_text(walk, node, "%s", units_print_size(flow->reply_bytes, text));
		return;
	case VALUE_THEN:
		node->is_implied = flow->proto != PROTO_TCP && flow->then != THEN_HOLD;
		word(walk, node, key->values, flow->then);
		return;
	case VALUE_HOLD:
		(void)units_print_duration(flow->hold_ns, text);
		if (flow->hold_is_exponential)
			values_set_text(walk, node, "exponential(%s)", text);
		else
			values_set_text(walk, node, "%s", text);
		return;
	}
	values_set_text(walk, node, "%s[%" PRIu32 "]", walk->model->flows[flow->held_flow].name, flow->held_index);
}

static void of_nat(struct walk *walk, struct resolved *node, const struct key *key, const struct nat_rules *nat)
{
	static const uint32_t states[] = {
		[NAT_TCP_STATE_STRICT] = 0, [NAT_TCP_STATE_LOOSE] = 1, [NAT_TCP_STATE_OFF] = 2};
	switch ((int)key->value.form) {
	case VALUE_PORT_RANGE:
		values_set_text(walk, node, "%u-%u", nat->port_first, nat->port_last);
		return;
	case VALUE_TCP_STATE:
		word(walk, node, key->values, states[nat->tcp_state]);
		return;
	case VALUE_INVALID:
		word(walk, node, key->values, nat->invalid == NAT_INVALID_UNTRANSLATED ? 0 : 1);
		return;
	case VALUE_ICMP:
		word(walk, node, key->values, !nat->translate_icmp ? 1 : nat->echo_alone ? 2 : 0);
		return;
	case VALUE_MAPPING:
		word(walk, node, key->values, nat->mapping);
		return;
	}
	word(walk, node, key->values, nat->udp_fragments_alone ? 2 : nat->translate_fragments ? 0 : 1);
}

static void scalar(struct walk *walk, struct resolved *node, const struct key *key, const void *object)
{
	const struct value *value = &key->value;
	const void *at = member(object, value);
	char text[UNITS_TEXT_BYTES > PREFIX_TEXT_BYTES ? UNITS_TEXT_BYTES : PREFIX_TEXT_BYTES];
	const struct route *route = object;
	switch (value->form) {
	case VALUE_FORGOTTEN:
	case VALUE_AS_WRITTEN:
	case VALUE_JOINED:
	case VALUE_SECTION:
	case VALUE_NAMED:
	case VALUE_SUBNETS:
	case VALUE_APPS:
	case VALUE_RULES:
	case VALUE_LISTED:
	case VALUE_POOLS:
	case VALUE_BITS:
	case VALUE_SOME_BITS:
	case VALUE_ADDRESSES:
	case VALUE_PREFIXES:
	case VALUE_SOME_PREFIXES:
	case VALUE_TAGS:
	case VALUE_PEERS:
	case VALUE_NAMES:
	case VALUE_PARTIES:
	case VALUE_PORTS:
	case VALUE_LISTEN:
	case VALUE_WORKERS:
	case VALUE_REFS:
	case VALUE_FORM_COUNT:
		return;
	case VALUE_NAME:
	case VALUE_TEXT:
		values_set_text(walk, node, "%s", (const char *)values_pointer(object, value));
		return;
	case VALUE_U16:
		values_set_text(walk, node, "%u", *(const uint16_t *)at);
		return;
	case VALUE_U32:
	case VALUE_LIMIT:
		values_set_text(walk, node, "%" PRIu32, u32(object, value));
		return;
	case VALUE_U64:
		values_set_text(walk, node, "%" PRIu64, u64(object, value));
		return;
	case VALUE_BOOL:
	case VALUE_TRUTH:
		values_set_text(walk, node, "%s", *(const bool *)at ? "true" : "false");
		return;
	case VALUE_EITHER:
		word(walk, node, key->values, *(const bool *)at ? 0 : 1);
		return;
	case VALUE_ENUM:
		word(walk, node, key->values, u32(object, value));
		return;
	case VALUE_NS:
		values_set_text(walk, node, "%s", units_print_duration((int64_t)u64(object, value), text));
		return;
	case VALUE_SIZE32:
		values_set_text(walk, node, "%s", units_print_size(u32(object, value), text));
		return;
	case VALUE_SIZE64:
		values_set_text(walk, node, "%s", units_print_size(u64(object, value), text));
		return;
	case VALUE_RATE:
		values_set_text(walk, node, "%s", units_print_rate(u64(object, value), text));
		return;
	case VALUE_PARTS:
		values_fraction(walk, node, u64(object, value));
		return;
	case VALUE_WALL_TIME:
		values_set_text(walk, node, "%s", units_print_wall_time((int64_t)u64(object, value), text));
		return;
	case VALUE_ADDRESS:
		values_set_text(walk, node, "%s", addr_print(*(const be32 *)at, text));
		return;
	case VALUE_RANGES:
		values_set_text(walk, node, "%s",
				prefix_print(*(const struct prefix *)values_pointer(object, value), text));
		return;
	case VALUE_PREFIX:
		values_set_text(walk, node, "%s", prefix_print(*(const struct prefix *)at, text));
		return;
	case VALUE_PROTO:
		values_set_text(walk, node, "%s", *(const uint8_t *)at ? proto_name(*(const uint8_t *)at) : "any");
		return;
	case VALUE_BLOCK:
		values_block(walk, node, u32(object, value));
		return;
	case VALUE_REF:
		values_set_text(walk, node, "%s", values_referred(walk, value, u32(object, value)));
		return;
	case VALUE_SUBNET:
		subnet(walk, node, u32(object, value));
		return;
	case VALUE_PORTS_EACH:
		values_ports_each(walk, node, u32(object, value));
		return;
	case VALUE_SERVICE:
		values_service(walk, node, value, object);
		return;
	case VALUE_MACHINE_PORT:
		values_machine_port(walk, node, value, object);
		return;
	case VALUE_DESTINATIONS:
		values_set_text(walk, node, "%s", route->tag ? route->tag->name : prefix_print(route->prefix, text));
		return;
	case VALUE_HOP:
		values_set_text(walk, node, "%s",
				route->hop == HOP_APPLIANCE  ? next_hop_name(walk->model, route->target)
				: route->hop == HOP_FRONTEND ? element_of_frontend(walk->model, route->target)->name
							     : route_hop_name(route->hop));
		return;
	case VALUE_PORT_RANGE:
	case VALUE_TCP_STATE:
	case VALUE_INVALID:
	case VALUE_FRAGMENTS:
	case VALUE_ICMP:
	case VALUE_MAPPING:
		of_nat(walk, node, key, object);
		return;
	case VALUE_HOST_SUBNET:
	case VALUE_HOST_INTERNET:
	case VALUE_HOST_REGION:
	case VALUE_HOST_SERVICE:
	case VALUE_HOST_SITE:
	case VALUE_HOST_PUBLIC:
		of_host(walk, node, value->form, object);
		return;
	case VALUE_REPLY:
	case VALUE_THEN:
	case VALUE_HOLD:
	case VALUE_LATE_ON:
		of_flow(walk, node, key, object);
		return;
	}
}

/* A scalar that is a map for what a scalar cannot say. */
static bool is_split(enum value_form form, const void *object)
{
	const struct nat_rules *nat = object;
	return (form == VALUE_BLOCK && nat->ports_per_worker == NAT_PORTS_DOUBLING) ||
	       (form == VALUE_MAPPING && nat->udp_mapping_is_given);
}

static enum tree_kind kind_of(const struct value *value, const void *object)
{
	enum value_form form = value->form;
	if (is_split(form, object))
		return TREE_MAP;
	switch ((int)form) {
	case VALUE_RANGES:
		return values_number(object, value) > 1 ? TREE_LIST : TREE_SCALAR;
	case VALUE_PEERS:
		return ((const struct vnet_config *)object)->has_peer_map ? TREE_MAP : TREE_LIST;
	case VALUE_TAGS:
	case VALUE_SECTION:
	case VALUE_NAMED:
	case VALUE_SUBNETS:
	case VALUE_APPS:
	case VALUE_POOLS:
		return TREE_MAP;
	case VALUE_RULES:
	case VALUE_LISTED:
	case VALUE_BITS:
	case VALUE_SOME_BITS:
	case VALUE_ADDRESSES:
	case VALUE_PREFIXES:
	case VALUE_SOME_PREFIXES:
	case VALUE_NAMES:
	case VALUE_PARTIES:
	case VALUE_PORTS:
	case VALUE_LISTEN:
	case VALUE_WORKERS:
	case VALUE_REFS:
		return TREE_LIST;
	}
	return TREE_SCALAR;
}

static void key_of(struct walk *walk, struct resolved *parent, const struct key *key, const void *object,
		   const struct tree *written)
{
	const struct value *value = &key->value;
	if (value->form == VALUE_JOINED || !is_given(key, object) ||
	    (value->form == VALUE_AS_WRITTEN && tree_is_null(written)))
		return;
	struct resolved *node = add_key(walk, parent, kind_of(value, object), key);
	if (!node)
		return;
	node->is_implied = value->as_said && tree_is_null(written);
	node->is_no_setting =
		value->form == VALUE_AS_WRITTEN || value->form == VALUE_NAME || (value->of_state && node->is_implied);
	if (value->form == VALUE_HOST_PUBLIC && ((const struct host_config *)object)->public_is_standard)
		node->kind = TREE_MAP;
	if (value->form == VALUE_AS_WRITTEN)
		node->written = written;
	else if (is_split(value->form, object))
		values_section(walk, node, key->of, object, written);
	else if (value->form == VALUE_SECTION)
		values_section(walk, node, key->of, member(object, value), written);
	else if (value->form == VALUE_HOST_PUBLIC && node->kind == TREE_MAP)
		values_section(walk, node, key->of, object, written);
	else if (value->form == VALUE_POOLS)
		values_pools(walk, node, object);
	else if (value->form == VALUE_LISTED)
		listed(walk, node, key, object);
	else if (value->form == VALUE_PEERS)
		peers(walk, node, key, object);
	else if (value->form == VALUE_TAGS)
		values_tags(walk, node, key, object);
	else if (node->kind == TREE_MAP)
		named(walk, node, key, object, written);
	else if (value->form == VALUE_RULES)
		rules(walk, node, object, value->at);
	else if (value->form == VALUE_BITS || value->form == VALUE_SOME_BITS)
		values_bits(walk, node, key, u32(object, value));
	else if (node->kind == TREE_LIST)
		values_items_of(walk, node, key, object);
	else
		scalar(walk, node, key, object);
}

void values_section(struct walk *walk, struct resolved *node, enum section section, const void *object,
		    const struct tree *written)
{
	size_t n;
	const struct key *keys = keys_of(section, &n);
	for (size_t i = 0; i < n && !walk->failed; i++)
		key_of(walk, node, &keys[i], object, tree_get(written, keys[i].name));
}

struct resolved *values_resolve(struct arena *arena, const struct model *model, const struct tree *tree)
{
	struct walk walk = {.arena = arena, .model = model};
	struct resolved *root = values_add(&walk, NULL, TREE_MAP, NULL);
	if (root)
		values_section(&walk, root, SECTION_TOP, model, tree);
	return walk.failed ? NULL : root;
}

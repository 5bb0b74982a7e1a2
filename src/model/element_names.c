/* DOC: elements by name, and which of them translate. */
#include "base/names.h"
#include "model/elements.h"
#include <stdlib.h>
#include <string.h>

static int compare(const void *key, const void *item)
{
	const struct element_name *name = item;
	return strcmp(key, name->name);
}

uint32_t element_find(const struct model *model, const char *name)
{
	const struct elements *elements = model->elements;
	const struct element_name *found =
		bsearch(name, elements->names, elements->n, sizeof *elements->names, compare);
	return found ? found->element : NONE;
}

const char *element_nearest(const struct model *model, struct arena *arena, const char *name)
{
	const char **names = arena_array(arena, model->elements->n, sizeof *names);
	for (uint32_t i = 0; names && i < model->elements->n; i++)
		names[i] = model->elements->items[i].name;
	return names ? name_nearest(name, names, model->elements->n) : NULL;
}

/* ---- next hops ---- */

/* Elements are not registered yet where the loader asks: names and numbers follow from the model's arrays. */
uint32_t next_hop_find(const struct model *model, const char *name)
{
	uint32_t hop = 0;
	for (size_t i = 0; i < model->n_hosts; i++, hop++)
		if (strcmp(model->hosts[i].name, name) == 0)
			return hop;
#define KIND_HOP(KIND, kind, article, words, schema, help, stands)                                                     \
	for (size_t i = 0; i < model->n_##kind##s; i++, hop++)                                                         \
		if (element_traits[ELEMENT_##KIND].is_next_hop && strcmp(model->kind##s[i].name, name) == 0)           \
			return hop;
	NETWORK_KINDS(KIND_HOP)
	return NONE;
}

uint32_t next_hop_at(struct arena *arena, const struct model *model, be32 addr)
{
	uint32_t hop = (uint32_t)model->n_hosts;
#define KIND_HOP_AT(KIND, kind, article, words, schema, help, stands)                                                  \
	for (uint32_t i = 0; i < model->n_##kind##s; i++, hop++) {                                                     \
		struct element element = {0};                                                                          \
		if (element_traits[ELEMENT_##KIND].is_next_hop && register_##kind(arena, model, i, &element) &&        \
		    be32_equal(element.addr, addr))                                                                    \
			return hop;                                                                                    \
	}
	NETWORK_KINDS(KIND_HOP_AT)
	return NONE;
}

const char *next_hop_name(const struct model *model, uint32_t hop)
{
	if (hop < model->n_hosts)
		return model->hosts[hop].name;
	hop -= (uint32_t)model->n_hosts;
#define KIND_HOP_NAME(KIND, kind, article, words, schema, help, stands)                                                \
	if (hop < model->n_##kind##s)                                                                                  \
		return model->kind##s[hop].name;                                                                       \
	hop -= (uint32_t)model->n_##kind##s;
	NETWORK_KINDS(KIND_HOP_NAME)
	return NULL;
}

uint32_t next_hop_element(const struct model *model, uint32_t hop)
{
	if (hop < model->n_hosts)
		return model->elements->host[hop];
	hop -= (uint32_t)model->n_hosts;
#define KIND_HOP_ELEMENT(KIND, kind, article, words, schema, help, stands)                                             \
	if (hop < model->n_##kind##s)                                                                                  \
		return model->elements->of_kind[KIND_##KIND][hop];                                                     \
	hop -= (uint32_t)model->n_##kind##s;
	NETWORK_KINDS(KIND_HOP_ELEMENT)
	return NONE;
}

/* ---- by what they belong to ---- */

const char *dns_name_of_address(const struct model *model, be32 addr)
{
	for (size_t i = 0; i < model->n_hosts; i++)
		if (be32_equal(model->hosts[i].addr, addr) || be32_equal(model->hosts[i].public_ip, addr))
			return model->hosts[i].dns;
	for (size_t i = 0; i < model->n_web_apps; i++)
		if (be32_equal(model->web_apps[i].addr, addr))
			return model->web_apps[i].dns;
	return NULL;
}

const char *element_path(const struct model *model, struct arena *arena, const struct element *element)
{
	const struct frontend_config *frontend;
	switch (element_traits[element->kind].owner) {
	case OWNER_NOTHING:
		return NULL;
	case OWNER_REGION:
		return arena_printf(arena, "network.regions.%s", model->regions[element->owner].name);
	case OWNER_ENVIRONMENT:
		return arena_printf(arena, "network.ases.%s", model->ases[element->owner].name);
	case OWNER_VNET:
		return arena_printf(arena, "network.vnets.%s", model->vnets[element->owner].name);
	case OWNER_SITE:
		return arena_printf(arena, "network.sites.%s", model->sites[element->owner].name);
	case OWNER_HOST:
		return arena_printf(arena, "network.hosts.%s", model->hosts[element->owner].name);
	case OWNER_FRONTEND:
		frontend = &model->frontends[element->owner];
		return arena_printf(arena, "network.load_balancers.%s.frontends.%s",
				    model->balancers[frontend->balancer].name, frontend->name);
#define KIND_PATH(KIND, kind, article, words, schema, help, stands)                                                    \
	case OWNER_##KIND:                                                                                             \
		return arena_printf(arena, "network." #kind "s.%s", model->kind##s[element->owner].name);
		NETWORK_KINDS(KIND_PATH)
	}
	return NULL;
}

/* ---- NATs ---- */

uint32_t element_next_nat(const struct model *model, uint32_t from)
{
	while (from < model->elements->n && !model->elements->items[from].nat)
		from++;
	return from < model->elements->n ? from : NONE;
}

static bool owns(const struct element *outbound, const struct element *instance)
{
	return instance->kind == ELEMENT_APP_INSTANCE && instance->owner == outbound->owner;
}

uint32_t element_of_port_owner(const struct model *model, uint32_t nat, uint32_t number)
{
	const struct element *element = element_at(model, nat);
	if (element->kind == ELEMENT_VIP)
		return number < model->ases[element->owner].max_workers ? element_worker(model, element->owner, number)
									: NONE;
	if (element->kind == ELEMENT_APP_OUTBOUND) /* its instances are the next elements */
		return number < model->elements->n - nat - 1 && owns(element, element_at(model, nat + 1 + number))
			       ? nat + 1 + number
			       : NONE;
	if (element->kind != ELEMENT_FRONTEND || number >= model->frontends[element->owner].n_machines)
		return NONE;
	return model->elements->host[model->frontends[element->owner].machines[number]];
}

uint32_t element_port_number(const struct model *model, uint32_t nat, be32 addr)
{
	uint32_t machine;
	for (uint32_t i = 0; (machine = element_of_port_owner(model, nat, i)) != NONE; i++)
		if (be32_equal(element_at(model, machine)->addr, addr))
			return i;
	return NONE;
}

uint32_t element_find_nat(const struct model *model, const char *name)
{
	for (uint32_t i = element_next_nat(model, 0); i != NONE; i = element_next_nat(model, i + 1))
		if (strcmp(element_at(model, i)->nat_name, name) == 0 || strcmp(element_at(model, i)->name, name) == 0)
			return i;
	return NONE;
}

const char **element_nat_names(const struct model *model, struct arena *arena, size_t *ret_n)
{
	const char **names = arena_array(arena, model->elements->n, sizeof *names);
	*ret_n = 0;
	for (uint32_t i = element_next_nat(model, 0); names && i != NONE; i = element_next_nat(model, i + 1))
		names[(*ret_n)++] = element_at(model, i)->nat_name;
	return names;
}

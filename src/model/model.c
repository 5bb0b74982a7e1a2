/* DOC: words for the model's enums, as scenarios and reports have them; the order of places in its files; and the addresses
 * of platform services. */
#include "model/model.h"
#include "base/arena.h"
#include "model/defaults.h"
#include <string.h>

static const char *const link_names[] = {
	[LINK_SUBNET] = "subnet",     [LINK_VNET] = "vnet",       [LINK_REGION] = "region",
	[LINK_BACKBONE] = "backbone", [LINK_GATEWAY] = "gateway", [LINK_INTERNET] = "internet",
};
_Static_assert(sizeof link_names / sizeof *link_names == LINK_CLASS_COUNT, "a name for each class");

static const char *const outcome_names[] = {
	[OUTCOME_NONE] = "unfinished",     [OUTCOME_DELIVERED] = "delivered", [OUTCOME_REFUSED] = "refused",
	[OUTCOME_RESET] = "reset",         [OUTCOME_TIMED_OUT] = "timed_out", [OUTCOME_BAD_GATEWAY] = "bad_gateway",
	[OUTCOME_FORWARDED] = "forwarded", [OUTCOME_DROPPED] = "dropped",
};
_Static_assert(sizeof outcome_names / sizeof *outcome_names == OUTCOME_COUNT, "a name for each outcome");

const char *link_class_name(enum link_class class)
{
	return link_names[class];
}

const char *outcome_name(enum outcome outcome)
{
	return outcome_names[outcome];
}

static size_t number_of_file(const struct model *model, const char *file)
{
	for (size_t i = 0; i < model->n_files; i++)
		if (model->files[i] == file || strcmp(model->files[i], file) == 0)
			return i;
	return model->n_files;
}

bool model_stands_before(const struct model *model, struct place a, struct place b)
{
	if (!a.file || !b.file)
		return a.file && !b.file;
	if (a.file != b.file) {
		size_t x = number_of_file(model, a.file), y = number_of_file(model, b.file);
		if (x != y)
			return x < y;
	}
	return a.line != b.line ? a.line < b.line : a.column < b.column;
}

uint32_t model_first_subnet(const struct model *model, uint32_t vnet)
{
	uint32_t low = 0, high = (uint32_t)model->n_subnets;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (model->subnets[middle].vnet < vnet)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t peering_before(const struct peering_config *sides, size_t n, uint32_t other)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (sides[middle].vnet < other)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct prefix *model_service_prefixes(struct arena *arena, const struct model *model, enum service_kind service,
				      uint32_t *ret_n)
{
	size_t n_published;
	const uint32_t *published = default_management_addresses(&n_published);
	struct prefix *prefixes = arena_array(arena, model->n_hosts + n_published, sizeof *prefixes);
	*ret_n = 0;
	for (size_t i = 0; prefixes && i < model->n_hosts; i++)
		if (model->hosts[i].kind == HOST_SERVICE && model->hosts[i].service == service)
			prefixes[(*ret_n)++] = (struct prefix){model->hosts[i].addr, 32};
	for (size_t i = 0; prefixes && service == SERVICE_MANAGEMENT && i < n_published; i++)
		prefixes[(*ret_n)++] = (struct prefix){be32_from(published[i]), 32};
	return prefixes;
}

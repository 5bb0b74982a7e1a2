/* DOC: `service_endpoints` of a subnet: which platform services its machines reach by their private addresses (azure:
 * virtual-network-service-endpoints-overview). `sql` and `storage` are those of the network's region, `storage-global`
 * and `management` those of all regions; a tag of the scenario is the services whose address it holds. */
#include "scenario/decode.h"
#include <string.h>

static const struct endpoint_word {
	const char *word;
	enum service_kind service;
	bool all_regions;
} words[] = {
	{"sql", SERVICE_SQL, false},
	{"storage", SERVICE_STORAGE, false},
	{"storage-global", SERVICE_STORAGE, true},
	{"management", SERVICE_MANAGEMENT, true},
};
#define N_WORDS (sizeof words / sizeof *words)

static const struct endpoint_word *find_word(const char *text)
{
	for (size_t i = 0; i < N_WORDS; i++)
		if (strcmp(words[i].word, text) == 0)
			return &words[i];
	return NULL;
}

static const char *hint_of(struct decoder *d, const char *text)
{
	const struct model *model = d->model;
	const char **names = decode_array(d, N_WORDS + model->n_tags, sizeof *names);
	size_t n = 0;
	for (; names && n < N_WORDS; n++)
		names[n] = words[n].word;
	for (size_t i = 0; names && i < model->n_tags; i++)
		names[n++] = model->tags[i].name;
	const char *hint = names ? did_you_mean(d, text, names, n) : NULL;
	return hint ? hint : "sql, storage, storage-global, management, or one of `network.tags`";
}

void decode_service_endpoints(struct decoder *d, const struct tree *node, struct subnet_config *subnet)
{
	const struct tree *value = tree_get(node, "service_endpoints");
	size_t n;
	if (tree_is_null(value))
		return;
	const struct tree **items = decode_list(d, value, "`service_endpoints`", true, &n);
	subnet->endpoints_place = value->key_place;
	subnet->service_endpoints = decode_array(d, n, sizeof *subnet->service_endpoints);
	for (size_t i = 0; subnet->service_endpoints && i < n; i++) {
		const char *text = decode_shown(items[i]);
		bool again = false;
		for (size_t k = 0; k < subnet->n_service_endpoints; k++)
			again |= strcmp(subnet->service_endpoints[k], text) == 0;
		if (again)
			diag_error(d->diags, items[i]->place, "remove one of the two", "`%s` stands here twice", text);
		else if (!find_word(text) && find_by_name(d->model->tags, d->model->n_tags, text) == NONE)
			diag_error(d->diags, items[i]->place, hint_of(d, text), "`%s` is no service with endpoints",
				   text);
		else
			subnet->service_endpoints[subnet->n_service_endpoints++] = text;
	}
}

/* Does this endpoint of the subnet reach the host? */
static bool serves(const struct model *model, const struct subnet_config *subnet, const char *name,
		   const struct host_config *host)
{
	const struct endpoint_word *word = find_word(name);
	if (host->kind != HOST_SERVICE)
		return false;
	if (word)
		return host->service == word->service &&
		       (word->all_regions || host->region == model->vnets[subnet->vnet].region);
	uint32_t tag = find_by_name(model->tags, model->n_tags, name);
	for (uint32_t i = 0; tag != NONE && i < model->tags[tag].named.n; i++)
		if (prefix_contains(model->tags[tag].named.prefixes[i], host->addr))
			return true;
	return false;
}

static void resolve(struct decoder *d, struct subnet_config *subnet)
{
	const struct model *model = d->model;
	bool *is_used = decode_array(d, subnet->n_service_endpoints, sizeof *is_used);
	subnet->served = decode_array(d, model->n_hosts, sizeof *subnet->served);
	for (uint32_t i = 0; is_used && subnet->served && i < model->n_hosts; i++) {
		bool is_served = false;
		for (size_t k = 0; k < subnet->n_service_endpoints; k++)
			if (serves(model, subnet, subnet->service_endpoints[k], &model->hosts[i]))
				is_served = is_used[k] = true;
		if (is_served)
			subnet->served[subnet->n_served++] = i;
	}
	for (size_t k = 0; is_used && k < subnet->n_service_endpoints; k++)
		if (!is_used[k])
			diag_warning(d->diags, subnet->endpoints_place,
				     "give the scenario such a service, in the network's region where that matters",
				     "no service of the scenario is reached by endpoint `%s` of subnet `%s/%s`",
				     subnet->service_endpoints[k], model->vnets[subnet->vnet].name, subnet->name);
}

void resolve_service_endpoints(struct decoder *d)
{
	for (size_t i = 0; i < d->model->n_subnets; i++)
		if (d->model->subnets[i].n_service_endpoints > 0)
			resolve(d, &d->model->subnets[i]);
}

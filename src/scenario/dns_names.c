/* DOC: DNS names: of apps (always), of hosts (`dns`), and of VMs that were given none, HOST.VNET.internal.cloudapp.net.
 * Each belongs to one thing; case does not matter (RFC 4343). */
#include "model/defaults.h"
#include "model/elements.h"
#include "scenario/decode.h"
#include "scenario/load.h"
#include <ctype.h>
#include <errno.h>
#include <string.h>

#define DNS_NAME_BYTES 253u /* RFC 1035 2.3.4, as text without the last dot */
#define DNS_LABEL_BYTES 63u

/* Labels of letters, digits, hyphens inside, and underscores. */
bool is_dns_name(const char *text)
{
	size_t label = 0;
	if (strlen(text) > DNS_NAME_BYTES)
		return false;
	for (const char *p = text;; p++) {
		if (*p == '.' || *p == '\0') {
			if (label == 0 || label > DNS_LABEL_BYTES || p[-1] == '-')
				return false;
			label = 0;
			if (*p == '\0')
				return true;
			continue;
		}
		bool inside = *p == '-' && label > 0;
		if (!inside && *p != '_' && !(*p >= '0' && *p <= '9') && !(*p >= 'a' && *p <= 'z') &&
		    !(*p >= 'A' && *p <= 'Z'))
			return false;
		label++;
	}
}

const char *decode_dns_name(struct decoder *d, const struct tree *node, enum section section)
{
	be32 addr;
	const char *name = decode_text(d, node, section, "dns");
	if (!name)
		return NULL;
	if (is_dns_name(name) && !addr_parse(name, &addr))
		return name;
	diag_error(d->diags, decode_place(node, "dns"),
		   "labels of letters, digits and hyphens, divided by dots: api.example.net", "`%s` is not a DNS name",
		   name);
	return NULL;
}

const char *vm_dns_name(const struct model *model, struct arena *arena, const struct host_config *host)
{
	if (host->dns || host->kind != HOST_VM || host->subnet == NONE)
		return host->dns;
	const char *name = arena_printf(arena, "%s.%s." DEFAULT_VM_DOMAIN, host->name,
					model->vnets[model->subnets[host->subnet].vnet].name);
	return name && is_dns_name(name) ? name : NULL;
}

bool find_dns_name(const struct model *model, struct arena *arena, const char *name, struct endpoint *ret)
{
	for (uint32_t i = 0; i < model->n_hosts; i++) {
		const char *dns = vm_dns_name(model, arena, &model->hosts[i]);
		if (dns && strcasecmp(dns, name) == 0) {
			*ret = (struct endpoint){.kind = ENDPOINT_HOST, .index = i};
			return true;
		}
	}
	for (uint32_t i = 0; i < model->n_apps; i++)
		if (strcasecmp(model->apps[i].dns, name) == 0) {
			*ret = (struct endpoint){.kind = ENDPOINT_APP, .index = i};
			return true;
		}
	for (uint32_t i = 0; i < model->n_web_apps; i++)
		if (strcasecmp(model->web_apps[i].dns, name) == 0) {
			*ret = (struct endpoint){.kind = ENDPOINT_WEB_APP, .index = i, .worker = NONE};
			return true;
		}
	return false;
}

const char *nearest_dns_name(const struct model *model, struct arena *arena, const char *name)
{
	const char **names = arena_array(arena, model->n_hosts + model->n_apps + model->n_web_apps + 1, sizeof *names);
	size_t n = 0;
	for (size_t i = 0; names && i < model->n_hosts; i++) {
		const char *dns = vm_dns_name(model, arena, &model->hosts[i]);
		if (dns)
			names[n++] = dns;
	}
	for (size_t i = 0; names && i < model->n_apps; i++)
		names[n++] = model->apps[i].dns;
	for (size_t i = 0; names && i < model->n_web_apps; i++)
		names[n++] = model->web_apps[i].dns;
	return names ? name_nearest(name, names, n) : NULL;
}

/* ---- who asks ---- */

static const char *nearest_asker(const struct model *model, struct arena *arena, const char *name)
{
	size_t n = 0, most = model->n_hosts + model->n_vnets + model->n_sites;
	const char **names = arena_array(arena, most + 1, sizeof *names);
	for (size_t i = 0; names && i < model->n_hosts; i++)
		names[n++] = model->hosts[i].name;
	for (size_t i = 0; names && i < model->n_vnets; i++)
		names[n++] = model->vnets[i].name;
	for (size_t i = 0; names && i < model->n_sites; i++)
		names[n++] = model->sites[i].name;
	const char *nearest = names ? name_nearest(name, names, n) : NULL;
	return nearest ? arena_printf(arena, "did you mean `%s`?", nearest) : "name a host, a VNet or a site";
}

bool scenario_find_asker(const struct model *model, struct arena *arena, const char *name, uint32_t *ret_vnet,
			 uint32_t *ret_site, const char **ret_hint)
{
	uint32_t element = element_find(model, name), ase = find_by_name(model->ases, model->n_ases, name);
	*ret_vnet = *ret_site = NONE;
	if (element == NONE && ase != NONE && find_by_name(model->vnets, model->n_vnets, name) == NONE)
		element = element_worker(model, ase, 0);
	else if (element != NONE && element_at(model, element)->kind == ELEMENT_WEB_APP)
		element = model->elements->app_outbound[element_at(model, element)->owner] + 1; /* an instance */
	if (element != NONE && element_is_end_point(element_at(model, element)->kind)) {
		*ret_vnet = element_at(model, element)->vnet;
		*ret_site = element_at(model, element)->site;
		return true;
	}
	*ret_vnet = find_by_name(model->vnets, model->n_vnets, name);
	if (*ret_vnet == NONE)
		*ret_site = find_by_name(model->sites, model->n_sites, name);
	*ret_hint = *ret_vnet == NONE && *ret_site == NONE ? nearest_asker(model, arena, name) : NULL;
	return !*ret_hint;
}

/* ---- each once ---- */

static void claim(struct decoder *d, struct names *names, const char *dns, uint32_t number, struct place place)
{
	char *lower = arena_strdup(d->arena, dns);
	for (char *p = lower; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	int r = lower ? names_add(names, lower, number) : -ENOMEM;
	if (r < 0)
		d->error = r;
	else if (r > 0)
		diag_error(d->diags, place, "give one of them another `dns`", "the DNS name `%s` is given twice", dns);
}

static struct place dns_place(const struct tree *node, struct place otherwise)
{
	return decode_has(node, "dns") ? decode_place(node, "dns") : otherwise;
}

void check_dns_names(struct decoder *d)
{
	const struct model *model = d->model;
	const struct tree *network = tree_get(d->root, "network"), *hosts = tree_get(network, "hosts"),
			  *ases = tree_get(network, "ases");
	struct names names = {0};
	for (uint32_t i = 0; i < model->n_apps; i++) {
		const struct app_config *app = &model->apps[i];
		const struct tree *apps = tree_get(tree_get(ases, model->ases[app->ase].name), "apps");
		claim(d, &names, app->dns, i, dns_place(tree_get(apps, app->name), app->place));
	}
	for (uint32_t i = 0; i < model->n_web_apps; i++) {
		const struct tree *apps = tree_get(network, "web_apps");
		claim(d, &names, model->web_apps[i].dns, (uint32_t)(model->n_apps + model->n_hosts) + i,
		      dns_place(tree_get(apps, model->web_apps[i].name), model->web_apps[i].place));
	}
	for (uint32_t i = 0; i < model->n_hosts; i++) {
		const struct host_config *host = &model->hosts[i];
		const char *dns = vm_dns_name(model, d->arena, host);
		struct place place = dns_place(tree_get(hosts, host->name), host->place);
		if (!dns)
			continue;
		claim(d, &names, dns, (uint32_t)model->n_apps + i, place);
		uint32_t other = find_by_name(model->hosts, model->n_hosts, dns);
		if ((other != NONE && other != i) || find_by_name(model->ases, model->n_ases, dns) != NONE)
			diag_error(d->diags, place, "give it another `dns`", "`%s` is the name of another thing, too",
				   dns);
	}
	names_deinit(&names);
}

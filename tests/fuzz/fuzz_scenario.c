/* Any bytes as a scenario: the loader says what is wrong, or gives a model whose names can be printed and read again;
 * nothing else happens.
 *
 *   clang -fsanitize=fuzzer,address,undefined ...      as a fuzzer; tests/scenario/good and bad are its corpus
 *   otherwise                                          a program that reads files, for replaying what the fuzzer found
 *
 * A text that begins with lines `# set: PATH=VALUE` is loaded with these overrides, so that paths are fuzzed, too. */
#include "model/elements.h"
#include "scenario/load.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OVERRIDES 4u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifdef FUZZER
/* libfyaml 0.7.12 forgets buffers of its scanner on some syntax errors; there is nothing that its users could free. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}
#endif

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static size_t read_overrides(char *text, struct scenario_override overrides[MAX_OVERRIDES])
{
	static const char start[] = "# set: ";
	size_t n = 0;
	char *rest = NULL;
	for (char *line = strtok_r(text, "\n", &rest); line && n < MAX_OVERRIDES; line = strtok_r(NULL, "\n", &rest)) {
		char *equals = strchr(line, '=');
		if (line[0] != '#')
			break;
		if (strncmp(line, start, sizeof start - 1) != 0 || !equals)
			continue;
		*equals = '\0';
		overrides[n++] = (struct scenario_override){line + sizeof start - 1, equals + 1};
	}
	return n;
}

static void check_diags(const struct diag_list *diags)
{
	for (size_t i = 0; i < diags->n; i++) {
		const struct diag *diag = &diags->items[i];
		check(diag->message[0] != '\0', "a diagnostic says something");
		check(i == 0 || diag[-1].place.line <= diag->place.line, "diagnostics are in the order of the file");
		check(diag->severity == DIAG_WARNING || diag->hint, "an error has a way out");
	}
}

static bool is_none_or(uint32_t ref, size_t n)
{
	return ref == NONE || ref < n;
}

/* Groups, tables, sites and peers. */
static void check_rules(const struct model *model)
{
	for (size_t i = 0; i < model->n_subnets; i++)
		check(is_none_or(model->subnets[i].nsg, model->n_nsgs) &&
			      is_none_or(model->subnets[i].routes, model->n_route_tables),
		      "a subnet's group and table");
	for (size_t i = 0; i < model->n_vnets; i++)
		for (size_t k = 0; k < model->vnets[i].n_peers; k++)
			check(model->vnets[i].peers[k] < model->n_vnets && model->vnets[i].peers[k] != i,
			      "a VNet's peers");
	for (size_t i = 0; i < model->n_nsgs; i++)
		for (unsigned direction = 0; direction < NSG_DIRECTION_COUNT; direction++)
			for (uint32_t k = 0; k < model->nsgs[i].rules.n[direction]; k++) {
				const struct nsg_rule *rule = &model->nsgs[i].rules.rules[direction][k];
				check(rule->n_src && rule->n_dst && rule->n_src_ports && rule->n_dst_ports,
				      "a rule matches something");
				check(k == 0 || rule[-1].priority < rule->priority,
				      "rules are in the order of priority");
				check(rule->id < model->nsgs[i].n_ids, "a rule's id");
			}
	for (size_t i = 0; i < model->n_route_tables; i++)
		for (size_t k = 0; k < model->route_tables[i].n_routes; k++) {
			const struct route *route = &model->route_tables[i].routes[k];
			check(route->hop != HOP_APPLIANCE || next_hop_name(model, route->target),
			      "a route's appliance");
		}
	for (size_t i = 0; i < model->n_sites; i++)
		check(model->sites[i].n_prefixes > 0 &&
			      (!model->sites[i].has_gateway || model->sites[i].vnet < model->n_vnets),
		      "a site's references");
	for (size_t i = 0; i < model->n_hosts; i++)
		check(is_none_or(model->hosts[i].nsg, model->n_nsgs) &&
			      (model->hosts[i].kind != HOST_SITE || model->hosts[i].site < model->n_sites),
		      "a host's group and site");
}

/* References are in range. */
static void check_model(const struct model *model)
{
	check(model->n_regions > 0, "there is a region");
	check_rules(model);
	for (size_t i = 0; i < model->n_subnets; i++)
		check(model->subnets[i].vnet < model->n_vnets, "a subnet's VNet");
	for (size_t i = 0; i < model->n_vnets; i++)
		check(model->vnets[i].region < model->n_regions && model->vnets[i].n_space > 0,
		      "a VNet's region and space");
	for (size_t i = 0; i < model->n_ases; i++) {
		const struct ase_config *ase = &model->ases[i];
		check(ase->subnet < model->n_subnets && ase->region < model->n_regions &&
			      (ase->vip.raw != 0 || ase->internal.raw != 0),
		      "an environment's references");
		check(ase->max_workers >= ase->workers && ase->app_first + ase->n_apps <= model->n_apps,
		      "an environment's numbers");
		for (uint32_t k = 0; k < ase->front_ends + ase->max_workers; k++)
			check(prefix_contains(model->subnets[ase->subnet].cidr, ase->addresses[k]),
			      "an instance's address lies in the subnet");
	}
	for (size_t i = 0; i < model->n_hosts; i++)
		check(model->hosts[i].addr.raw != 0 &&
			      (model->hosts[i].kind != HOST_VM || model->hosts[i].subnet < model->n_subnets),
		      "a host's references");
	for (size_t i = 0; i < model->n_flows; i++)
		check(model->flows[i].count > 0 &&
			      (!model->flows[i].is_held_push || model->flows[i].held_flow < model->n_flows),
		      "a flow's references");
	for (size_t i = 0; i < model->n_events; i++)
		check(i == 0 || model->events[i - 1].at_ns <= model->events[i].at_ns,
		      "events are in the order of time");
	for (size_t i = 0; i < model->n_expects; i++)
		if (model->expects[i].kind == EXPECT_FLOW && model->expects[i].has_seen_at)
			check(element_at(model, model->expects[i].seen_at)->name[0] != '\0', "a point has a name");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scenario_override overrides[MAX_OVERRIDES];
	struct arena *arena = arena_new();
	char *head = arena ? arena_strndup(arena, (const char *)data, size) : NULL;
	struct diag_list diags;
	struct model *model;
	if (!head)
		return 0;
	diag_init(&diags, arena);
	size_t n = read_overrides(head, overrides);
	int r = scenario_load_text(arena, "fuzz.yaml", (const char *)data, size, overrides, n, &diags, &model);
	check(r == 0, "only memory can be short");
	check((!model) == (diags.n_errors > 0), "a model, or errors");
	check_diags(&diags);
	if (model)
		check_model(model);
	diag_deinit(&diags);
	arena_free(arena);
	return 0;
}

#ifndef FUZZER
static int try_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file) {
		perror(path);
		return 1;
	}
	size_t capacity = SCENARIO_MAX_BYTES + 1, size = 0;
	uint8_t *data = malloc(capacity);
	if (data)
		size = fread(data, 1, capacity, file);
	(void)fclose(file);
	if (!data)
		return 1;
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

/* A file, or all files of a directory. */
static int try_path(const char *path)
{
	DIR *directory = opendir(path);
	if (!directory)
		return try_file(path);
	int r = 0;
	for (struct dirent *entry; (entry = readdir(directory));) {
		char name[4096];
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		r |= try_file(name);
	}
	(void)closedir(directory);
	return r;
}

int main(int argc, char **argv)
{
	int r = 0;
	for (int i = 1; i < argc; i++)
		r |= try_path(argv[i]);
	return r;
}
#endif

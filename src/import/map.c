/* DOC: from resources to a scenario. Types are mapped one after the other; what one makes, later ones refer to. At the
 * end the scenario is read by the program's own loader: what that refuses is dropped from the scenario and listed under
 * NOT MODELLED, until nothing is refused, so that what an import prints can be run. */
#include "import/map.h"
#include "import/doc_tree.h"
#include "scenario/keys.h"
#include "scenario/load.h"
#include <errno.h>
#include <string.h>

#define MAX_ROUNDS 60u /* of dropping what the loader refuses */

bool knows(const char *path)
{
	char name[64];
	enum section section = SECTION_TOP;
	const struct key *key = NULL;
	while (*path) {
		size_t n = strcspn(path, ".");
		if (n >= sizeof name)
			return false;
		memcpy(name, path, n);
		name[n] = '\0';
		key = key_find(section, name);
		if (!key)
			return false;
		section = key->of;
		path += n + (path[n] == '.');
	}
	return key;
}

/* ---- the end: printing, and what the loader says ---- */

static void print_note_list(const struct import *import, struct buf *out)
{
	size_t n[SEVERITY_COUNT] = {0};
	for (size_t i = 0; i < import->n_notes; i++)
		n[import->notes[i].severity]++;
	if (import->n_notes == 0) {
		buf_puts(out, "# NOT MODELLED: nothing\n");
		return;
	}
	buf_printf(out, "# NOT MODELLED (%zu change%s answers, %zu may)\n", n[SEVERITY_CHANGES],
		   n[SEVERITY_CHANGES] == 1 ? "s" : "", n[SEVERITY_MAY]);
	for (int severity = 0; severity < SEVERITY_COUNT; severity++)
		for (size_t i = 0; i < import->n_notes; i++) {
			const struct note *at = &import->notes[i];
			if ((int)at->severity != severity)
				continue;
			buf_printf(out, "#   %c ", severity == SEVERITY_CHANGES ? '!' : '?');
			if (at->at && at->at->file)
				buf_printf(out, "%s:%u  ", at->at->file, at->at->line);
			for (const char *p = at->what; *p; p++)
				buf_putc(out, (unsigned char)*p < 0x20 || *p == 0x7f ? ' ' : *p);
			buf_putc(out, '\n');
		}
}

static void print_head(const struct import *import, struct buf *out)
{
	size_t kept = 0;
	for (size_t i = 0; i < import->n_resources; i++)
		kept += import->resources[i]->mapped;
	buf_printf(out, "# Made by `pktpath import%s", import->seen ? " capture" : "");
	for (size_t i = 0; i < import->n_inputs; i++)
		buf_printf(out, " %s", import->inputs[i].name);
	for (size_t i = 0; i < import->n_params; i++)
		buf_printf(out, " --param %s=%s", import->params[i].name, import->params[i].value);
	for (size_t i = 0; i < import->n_addresses; i++)
		buf_printf(out, " --address %s=%s", import->addresses[i].name, import->addresses[i].value);
	if (import->seen) {
		buf_puts(out, "`.\n# Lines marked ASSUMED are guesses: check each.\n");
		return;
	}
	buf_printf(out,
		   "`.\n# %zu of %zu resource%s of the input %s in it. What is not is listed at the end under NOT "
		   "MODELLED.\n"
		   "# Lines marked ASSUMED are guesses: check each.\n",
		   kept, import->n_resources, import->n_resources == 1 ? "" : "s", kept == 1 ? "is" : "are");
}

/* File names and values of the command line stand in a comment: on one line each. */
static void clean_head(struct buf *out, size_t n_lines)
{
	for (size_t i = 0, lines = 0; i < out->size_bytes; i++) {
		if (out->data[i] == '\n' && lines + 1 < n_lines && i + 1 < out->size_bytes && out->data[i + 1] == '#')
			lines++;
		else if (out->data[i] < 0x20 && out->data[i] != '\n')
			out->data[i] = ' ';
	}
}

static void print_all(struct import *import, struct buf *out)
{
	buf_clear(out);
	print_head(import, out);
	clean_head(out, import->seen ? 2 : 3);
	doc_print(import->doc, out);
	buf_puts(out, "\n# No expectations: the program does not know what is wanted. `pktpath addresses FILE` and\n"
		      "# `pktpath explain FILE FLOW` show what comes out.\n");
	print_note_list(import, out);
}

/* Drops what each error is about. False where an error is about nothing that can be dropped. */
static bool drop_refused(struct import *import, const struct diag_list *refused)
{
	bool dropped = false;
	for (size_t i = 0; i < refused->n; i++) {
		const struct diag *diag = &refused->items[i];
		if (diag->severity != DIAG_ERROR)
			continue;
		struct doc *doc = doc_at(import->doc, diag->place.line, diag->place.column);
		if (!doc || doc->dropped)
			continue;
		doc->dropped = dropped = true;
		for (struct doc *above = doc->parent; above && !above->what && above->parent && doc_is_empty(above);
		     above = above->parent)
			above->dropped = true;
		note(import, SEVERITY_CHANGES, doc->from, "%s: left out, as %s", doc->what, diag->message);
	}
	return dropped;
}

static void unsound(struct import *import, const struct diag_list *refused)
{
	const char *message = "it is empty";
	for (size_t i = 0; i < refused->n; i++)
		if (refused->items[i].severity == DIAG_ERROR) {
			message = store_printf(&import->store, "%s", refused->items[i].message);
			break;
		}
	diag_error(&import->diags, PLACE_NONE, "import a part of it, and report the input as a fault of the importer",
		   "no sound scenario comes of this input: %s", message);
}

static bool is_ascii(const struct buf *text)
{
	unsigned char all = 0;
	for (size_t i = 0; i < text->size_bytes; i++)
		all |= text->data[i];
	return all < 0x80;
}

/* By the loader. The texts of a capture's scenario are its own, so that its tree is known without the text. */
static int check_printed(struct import *import, struct buf *text, struct arena *arena, struct diag_list *refused)
{
	static const char file[] = "import.yaml";
	struct model *model = NULL;
	if (!import->seen || text->size_bytes > SCENARIO_MAX_BYTES || !is_ascii(text))
		return scenario_load_text(arena, file, buf_text(text), text->size_bytes, NULL, 0, refused, &model);
	const struct tree *tree = doc_tree(import->doc, arena, file);
	return tree ? scenario_check_tree(arena, file, tree, refused) : -ENOMEM;
}

static int print_sound(struct import *import)
{
	struct buf out = {0};
	int r = 0;
	for (unsigned round = 0; r == 0; round++) {
		struct arena *arena = arena_new();
		struct diag_list refused;
		if (!arena)
			return -ENOMEM;
		diag_init(&refused, arena);
		refused.bare = true;
		print_all(import, &out);
		r = buf_failed(&out) ? -ENOMEM : check_printed(import, &out, arena, &refused);
		bool sound = r == 0 && refused.n_errors == 0;
		bool again = r == 0 && !sound && round < MAX_ROUNDS && drop_refused(import, &refused);
		if (r == 0 && !sound && !again)
			unsound(import, &refused);
		diag_deinit(&refused);
		arena_free(arena);
		if (!again)
			break;
	}
	if (r == 0) {
		import->text = store_text(&import->store, buf_text(&out), out.size_bytes);
		import->text_bytes = out.size_bytes;
	}
	buf_free(&out);
	return r;
}

/* ---- all of it ---- */

/* The name of the scenario: the first input's, without its ending. */
static const char *scenario_name(struct map *map)
{
	const char *base = map->import->n_inputs ? map->import->inputs[0].base : "imported";
	char stem[64];
	size_t n = strcspn(base, ".");
	const char *name = n > 0 && n < sizeof stem ? base : "imported";
	(void)strncpy(stem, name, sizeof stem - 1);
	stem[name == base ? n : strlen(name)] = '\0';
	return map_name(map, "scenario", strcmp(base, "-") == 0 ? "imported" : stem);
}

void map_begin(struct map *map)
{
	struct store *store = map->store;
	map->root = map->import->doc = doc_root(store);
	doc_scalar(store, map->root, "scenario", "1");
	doc_scalar(store, map->root, "name", scenario_name(map));
	map->network = doc_map(store, map->root, "network", false);
	map->network->lead = "\n";
	const struct {
		struct doc **doc;
		const char *key;
	} sections[] = {{&map->vnets, "vnets"},
			{&map->nat_gateways, "nat_gateways"},
			{&map->tables, "route_tables"},
			{&map->tags, "tags"},
			{&map->asgs, "asgs"},
			{&map->nsgs, "nsgs"},
			{&map->firewalls, "firewalls"},
			{&map->balancers, "load_balancers"},
			{&map->ases, "ases"},
			{&map->apps, "web_apps"},
			{&map->endpoints, "private_endpoints"},
			{&map->sites, "sites"},
			{&map->hosts, "hosts"}};
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		*sections[i].doc = strcmp(sections[i].key, "asgs") == 0
					   ? doc_list(store, map->network, "asgs", true)
					   : doc_map(store, map->network, sections[i].key, false);
	map->flows = doc_map(store, map->root, "flows", false);
	map->flows->lead = "\n# One probe for each subnet that can call and for each public entry: change or remove.\n";
}

static void drop_empty(struct doc *map)
{
	for (struct doc *at = map->first; at; at = at->next)
		at->dropped = at->dropped || doc_is_empty(at);
}

static int by_place(const struct note *a, const struct note *b)
{
	const char *x = a->at && a->at->file ? a->at->file : "", *y = b->at && b->at->file ? b->at->file : "";
	int files = strcmp(x, y);
	uint32_t p = a->at ? a->at->line : 0, q = b->at ? b->at->line : 0;
	return files ? files : p < q ? -1 : p > q;
}

/* Stable, and quick where most are in order: notes come object by object. */
static void sort_notes(struct import *import)
{
	for (size_t gap = import->n_notes / 2; gap > 0; gap /= 2)
		for (size_t i = gap; i < import->n_notes; i++) {
			struct note moved = import->notes[i];
			size_t k = i;
			for (; k >= gap && by_place(&moved, &import->notes[k - gap]) < 0; k -= gap)
				import->notes[k] = import->notes[k - gap];
			import->notes[k] = moved;
		}
}

int map_end(struct map *map)
{
	struct import *import = map->import;
	names_deinit(&map->taken);
	sort_notes(import);
	drop_empty(map->network);
	if (import->store.failed)
		return -ENOMEM;
	return import->store.exhausted ? 0 : print_sound(import);
}

int map_all(struct import *import)
{
	struct map map = {.import = import, .store = &import->store, .next_public = 11};
	resources_link(import);
	map_begin(&map);
	map_groups(&map);
	map_table_names(&map);
	map_nat_gateways(&map);
	map_networks(&map);
	map_machines(&map);
	map_balancers(&map);
	map_environments(&map);
	map_web_apps(&map);
	map_gateways(&map);
	map_firewalls(&map);
	map_endpoints(&map);
	map_routes(&map);
	map_probes(&map);
	map_others(&map);
	properties_account(import);
	return map_end(&map);
}

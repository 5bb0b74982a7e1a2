/* DOC: the section `taps`. File names are checked here, so that no tap writes over what a run writes anyway. */
#include "base/names.h"
#include "scenario/decode.h"
#include <stdio.h>
#include <string.h>

#define LONGEST_FILE_NAME 200

static void tap_at(struct decoder *d, const struct tree *node, struct tap_config *tap)
{
	const char *text = decode_text(d, node, SECTION_TAP, "at");
	if (!text)
		return;
	tap->at = strcmp(text, "realms") == 0  ? TAP_REALMS
		  : strcmp(text, "all") == 0   ? TAP_ALL
		  : strcmp(text, "drops") == 0 ? TAP_DROPS
					       : TAP_POINT;
	if (tap->at == TAP_POINT)
		(void)parse_point(d, text, decode_place(node, "at"), &tap->point);
}

static void tap_flows(struct decoder *d, const struct tree *node, struct tap_config *tap)
{
	const struct model *model = d->model;
	size_t n;
	const struct tree **items = decode_some(d, tree_get(node, "flows"), "`flows`", &n);
	if (n == 0)
		return;
	tap->flows = decode_array(d, n, sizeof *tap->flows);
	for (size_t i = 0; tap->flows && i < n; i++) {
		const char *name = items[i]->kind == TREE_SCALAR ? items[i]->text : "";
		uint32_t flow = find_by_name(model->flows, model->n_flows, name);
		if (flow == NONE)
			unknown_name(d, items[i]->place, "flow", name, model->flows, model->n_flows,
				     sizeof *model->flows);
		else
			tap->flows[tap->n_flows++] = flow;
	}
}

/* `@` divides flow and point in the names of a run's own captures. */
static bool file_name_is_sound(const char *file)
{
	size_t n = strlen(file);
	return n > 0 && n < LONGEST_FILE_NAME && file[0] != '.' && !strpbrk(file, "/@\n\t");
}

static bool ends_in(const char *text, const char *ending)
{
	size_t n = strlen(text), n_ending = strlen(ending);
	return n > n_ending && strcmp(text + n - n_ending, ending) == 0;
}

/* Does the run, or a tap before this one, write a file of this name? */
static bool file_is_taken(struct decoder *d, struct names *files, const char *file)
{
	static const char *const own[] = {"drops.pcapng", "report.json", "nat.csv", "trail.txt", "report.html"};
	static const char ending[] = ".pcapng";
	const struct model *model = d->model;
	char flow[LONGEST_FILE_NAME];
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strcmp(own[i], file) == 0)
			return true;
	if (ends_in(file, ending)) { /* the name is known to be short enough */
		(void)snprintf(flow, sizeof flow, "%.*s", (int)(strlen(file) - strlen(ending)), file);
		if (find_by_name(model->flows, model->n_flows, flow) != NONE)
			return true;
	}
	int r = names_add(files, file, 0);
	if (r < 0)
		d->error = r;
	return r > 0;
}

static void tap_file(struct decoder *d, struct names *files, const struct tree *node, struct tap_config *tap)
{
	const char *file = decode_text(d, node, SECTION_TAP, "file");
	if (!file)
		file = arena_printf(d->arena, "%s.pcapng", tap->name);
	if (!file)
		return;
	tap->file = file;
	struct place place = decode_has(node, "file") ? decode_place(node, "file") : tap->place;
	if (!file_name_is_sound(file))
		diag_error(d->diags, place, "a plain file name; it goes into the output directory",
			   "`%s` is not a file name", file);
	else if (file_is_taken(d, files, file))
		diag_error(d->diags, place, "choose another `file`", "the run writes another file `%s`", file);
	bool classic = ends_in(file, ".pcap");
	if (classic && decode_has(node, "notes") && tap->notes)
		diag_warning(d->diags, decode_place(node, "notes"), "name the file .pcapng",
			     "a classic capture cannot hold notes");
}

void decode_taps(struct decoder *d)
{
	struct model *model = d->model;
	const struct tree *taps = tree_get(d->root, "taps");
	if (taps && taps->kind == TREE_SCALAR && strcmp(taps->text, "none") == 0) {
		model->taps_none = true;
		return;
	}
	size_t n;
	const struct tree **items = decode_own_map(d, taps, "taps", &n);
	struct names files = {0};
	model->taps = decode_array(d, n, sizeof *model->taps);
	for (size_t i = 0; model->taps && i < n; i++) {
		struct tap_config *tap = &model->taps[model->n_taps++];
		uint64_t snaplen = 262144;
		*tap = (struct tap_config){
			.name = items[i]->key, .file = "", .notes = true, .names = true, .place = items[i]->key_place};
		if (!decode_section(d, items[i], SECTION_TAP))
			continue;
		tap_at(d, items[i], tap);
		tap_flows(d, items[i], tap);
		(void)decode_size(d, items[i], SECTION_TAP, "snaplen", &snaplen);
		tap->snaplen = (uint32_t)snaplen;
		tap->filter = decode_text(d, items[i], SECTION_TAP, "filter");
		tap->filter_place = decode_place(items[i], "filter");
		(void)decode_bool(d, items[i], SECTION_TAP, "notes", &tap->notes);
		(void)decode_bool(d, items[i], SECTION_TAP, "names", &tap->names);
		tap_file(d, &files, items[i], tap);
	}
	names_deinit(&files);
}

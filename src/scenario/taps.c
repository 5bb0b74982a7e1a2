/* DOC: the section `taps`. */
#include "scenario/decode.h"
#include <string.h>

static void tap_at(struct decoder *d, const struct tree *node, struct tap_config *tap)
{
	const char *text = decode_text(d, node, SECTION_TAP, "at");
	if (!text)
		return;
	tap->at = strcmp(text, "realms") == 0 ? TAP_REALMS : strcmp(text, "all") == 0 ? TAP_ALL : strcmp(text, "drops") == 0 ? TAP_DROPS : TAP_POINT;
	if (tap->at == TAP_POINT)
		(void)parse_point(d, text, decode_place(node, "at"), &tap->point);
}

static void tap_flows(struct decoder *d, const struct tree *node, struct tap_config *tap)
{
	const struct model *model = d->model;
	size_t n;
	const struct tree **items = decode_list(d, tree_get(node, "flows"), "flows", true, &n);
	if (n == 0)
		return;
	tap->flows = decode_array(d, n, sizeof *tap->flows);
	for (size_t i = 0; tap->flows && i < n; i++) {
		const char *name = items[i]->kind == TREE_SCALAR ? items[i]->text : "";
		uint32_t flow = find_by_name(model->flows, model->n_flows, name);
		if (flow == NONE)
			unknown_name(d, items[i]->place, "flow", name, model->flows, model->n_flows, sizeof *model->flows);
		else
			tap->flows[tap->n_flows++] = flow;
	}
}

static bool file_name_is_sound(const char *file)
{
	size_t n = strlen(file);
	return n > 0 && n < 200 && file[0] != '.' && strchr(file, '/') == NULL;
}

static void tap_file(struct decoder *d, const struct tree *node, struct tap_config *tap)
{
	static const char *const own[] = {"drops.pcapng", "report.json", "nat.csv", "trail.txt", "report.html"};
	tap->file = decode_text(d, node, SECTION_TAP, "file");
	if (!tap->file)
		tap->file = arena_printf(d->arena, "%s.pcapng", tap->name);
	if (!tap->file)
		return;
	if (!file_name_is_sound(tap->file))
		diag_error(d->diags, decode_place(node, "file"), "a plain file name; it goes into the output directory", "`%s` is not a file name", tap->file);
	bool taken = false;
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		taken = taken || strcmp(own[i], tap->file) == 0;
	for (size_t i = 0; i < d->model->n_flows; i++) {
		const char *flow_file = arena_printf(d->arena, "%s.pcapng", d->model->flows[i].name);
		taken = taken || (flow_file && strcmp(flow_file, tap->file) == 0);
	}
	for (size_t i = 0; i + 1 < d->model->n_taps; i++)
		taken = taken || strcmp(d->model->taps[i].file, tap->file) == 0;
	if (taken)
		diag_error(d->diags, tree_get(node, "file") ? decode_place(node, "file") : tap->place, "choose another `file`", "the run writes another file `%s`", tap->file);
	size_t n = strlen(tap->file);
	bool classic = n > 5 && strcmp(tap->file + n - 5, ".pcap") == 0;
	if (classic && decode_has(node, "notes") && tap->notes)
		diag_warning(d->diags, decode_place(node, "notes"), "name the file .pcapng", "a classic capture cannot hold notes");
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
	const struct tree **items = decode_map(d, taps, "taps", &n);
	model->taps = decode_array(d, n, sizeof *model->taps);
	for (size_t i = 0; model->taps && i < n; i++) {
		struct tap_config *tap = &model->taps[model->n_taps++];
		uint64_t snaplen = 262144;
		*tap = (struct tap_config){.name = items[i]->key, .file = "", .notes = true, .names = true, .place = items[i]->key_place};
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
		tap_file(d, items[i], tap);
	}
}

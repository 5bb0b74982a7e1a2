/* DOC: an import from beginning to end: inputs are read and recognised, sources turn them into resources, the mapping
 * turns these into a scenario. What is wrong with the inputs goes to the diagnostics, all of it in one run. */
#include "import/run.h"
#include "import/against.h"
#include "import/flow_log.h"
#include "import/foreign.h"
#include "import/seen.h"
#include "scenario/load.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct import *import_new(void)
{
	struct import *import = calloc(1, sizeof *import);
	if (!import)
		return NULL;
	import->arena = arena_new();
	import->store.arena = import->arena;
	diag_init(&import->diags, import->arena);
	if (import->arena)
		return import;
	free(import);
	return NULL;
}

void import_free(struct import *import)
{
	if (!import)
		return;
	seen_free(import->seen);
	names_deinit(&import->by_key);
	names_deinit(&import->by_tail);
	diag_deinit(&import->diags);
	arena_free(import->arena);
	free(import);
}

static int state_of(struct import *import)
{
	if (import->store.failed || import->diags.failed)
		return -ENOMEM;
	if (import->store.exhausted && import->diags.n_errors == 0)
		diag_error(&import->diags, PLACE_NONE, "import a part of it",
			   "the input asks for more memory or work than an import may take");
	return import->diags.n_errors > 0 ? 1 : 0;
}

int import_add(struct import *import, const char *name, const char *text, size_t text_bytes, bool parameters)
{
	struct store *store = &import->store;
	void *items = import->inputs;
	if (!store_grow(store, &items, import->n_inputs, sizeof *import->inputs))
		return -ENOMEM;
	import->inputs = items;
	struct input *input = &import->inputs[import->n_inputs];
	const char *copy = store_text(store, name, strlen(name)), *slash = strrchr(copy, '/');
	*input = (struct input){.name = copy, .base = slash ? slash + 1 : copy, .parameters_for_all = parameters};
	if (foreign_refuse_source(import, input, text, text_bytes))
		return state_of(import);
	size_t errors = import->diags.n_errors;
	bool log = flow_log_begins(text, text_bytes);
	int r = (log ? js_read_documents : js_read)(store, copy, text, text_bytes, &import->diags, &input->root);
	if (r == 0 && input->root && log)
		input->kind = INPUT_FLOW_LOG;
	else if (r == 0 && input->root)
		recognise(import, input);
	if (import->diags.n_errors > errors)
		diag_add_excerpts(&import->diags, &(struct source){copy, text, text_bytes}, 1);
	import->n_inputs++;
	return r < 0 ? r : state_of(import);
}

int import_set(struct import *import, enum import_setting kind, const char *name, const char *value)
{
	struct setting **settings = kind == IMPORT_PARAM ? &import->params : &import->addresses;
	size_t *n = kind == IMPORT_PARAM ? &import->n_params : &import->n_addresses;
	void *items = *settings;
	if (!store_grow(&import->store, &items, *n, sizeof **settings))
		return -ENOMEM;
	*settings = items;
	(*settings)[(*n)++] = (struct setting){store_text(&import->store, name, strlen(name)),
					       store_text(&import->store, value, strlen(value)), false};
	return import->store.failed ? -ENOMEM : 0;
}

static void read_sources(struct import *import)
{
	for (size_t i = 0; i < import->n_inputs; i++)
		switch (import->inputs[i].kind) {
		case INPUT_LIVE:
			live_read(import, &import->inputs[i]);
			break;
		case INPUT_STATE:
		case INPUT_SHOWN:
			terraform_read(import, &import->inputs[i]);
			break;
		case INPUT_NOTHING:
		case INPUT_TEMPLATE:
		case INPUT_PARAMETERS:
		case INPUT_FLOW_LOG:
		case INPUT_CAPTURE:
		case INPUT_KIND_COUNT:
			break;
		}
	arm_read_all(import);
}

static void check_settings(struct import *import)
{
	for (size_t i = 0; i < import->n_params; i++)
		if (!import->params[i].used)
			diag_error(&import->diags, PLACE_NONE, "look at the template's `parameters`",
				   "no template has a parameter `%s`", import->params[i].name);
	for (size_t i = 0; i < import->n_addresses; i++)
		if (!import->addresses[i].used)
			diag_error(&import->diags, PLACE_NONE, "the options that replace guesses are listed by --list",
				   "no address of `%s` is asked for", import->addresses[i].name);
}

int import_feed(struct import *import, const char *name, const void *data, size_t bytes)
{
	struct input *last = import->n_inputs ? &import->inputs[import->n_inputs - 1] : NULL;
	if (!last || last->kind != INPUT_CAPTURE || strcmp(last->name, name) != 0) {
		void *items = import->inputs;
		import->seen = import->seen ? import->seen : seen_new();
		int r = import->seen ? seen_begin(import, import->seen) : -ENOMEM;
		if (r < 0 || !store_grow(&import->store, &items, import->n_inputs, sizeof *import->inputs))
			return -ENOMEM;
		import->inputs = items;
		const char *copy = store_text(&import->store, name, strlen(name)), *slash = strrchr(copy, '/');
		import->inputs[import->n_inputs++] =
			(struct input){.name = copy, .base = slash ? slash + 1 : copy, .kind = INPUT_CAPTURE};
	}
	int r = seen_feed(import, import->seen, data, bytes);
	return r < 0 ? r : state_of(import);
}

int import_inside(struct import *import, const char *text)
{
	struct prefix prefix;
	if (prefix_parse(text, &prefix) != PREFIX_OK)
		return 1;
	void *items = import->inside;
	if (!store_grow(&import->store, &items, import->n_inside, sizeof *import->inside))
		return -ENOMEM;
	import->inside = items;
	import->inside[import->n_inside++] = prefix;
	return 0;
}

/* Flow logs, alone or with nothing else than flow logs. */
static void take_flow_logs(struct import *import)
{
	size_t n = 0;
	for (size_t i = 0; i < import->n_inputs; i++)
		n += import->inputs[i].kind == INPUT_FLOW_LOG;
	if (n == 0)
		return;
	if (n < import->n_inputs) {
		diag_error(&import->diags, PLACE_NONE, "import the network by itself, and then the flow logs",
			   "flow logs and a network");
		return;
	}
	import->seen = import->seen ? import->seen : seen_new();
	if (!import->seen) {
		import->store.failed = true;
		return;
	}
	flow_logs_read(import, seen_table(import->seen));
}

int import_finish(struct import *import)
{
	if (import->diags.n_errors > 0)
		return state_of(import);
	if (import->n_inputs == 0)
		diag_error(&import->diags, PLACE_NONE, NULL, "there is no input");
	take_flow_logs(import);
	if (import->seen) {
		int r = import->diags.n_errors ? 0 : seen_finish(import, import->seen);
		if (r == 0 && import->diags.n_errors == 0)
			check_settings(import);
		return r < 0 ? r : state_of(import);
	}
	read_sources(import);
	int r = state_of(import);
	if (r == 0 && import->n_resources == 0 && import->n_notes == 0)
		diag_error(&import->diags, PLACE_NONE, NULL, "the inputs describe no resource of Azure");
	r = r == 0 ? state_of(import) : r;
	if (r == 0)
		r = map_all(import);
	if (r == 0)
		check_settings(import);
	return r < 0 ? r : state_of(import);
}

int import_against(struct import *import, const char *name, const char *text, size_t text_bytes,
		   struct finding_list *ret)
{
	struct js *answers = NULL;
	struct model *model = NULL;
	struct diag_list diags;
	const char *copy = store_text(&import->store, name, strlen(name));
	int r = js_read(&import->store, copy, text, text_bytes, &import->diags, &answers);
	if (r < 0 || !answers)
		return r < 0 ? r : 1;
	diag_init(&diags, import->arena);
	r = scenario_load_text(import->arena, "import.yaml", import->text, import->text_bytes, NULL, 0, &diags, &model);
	if (r == 0 && model)
		r = against_compare(import, answers, model, ret);
	diag_deinit(&diags);
	if (r > 0)
		diag_error(&import->diags, js_place(answers),
			   "give what `az network nic show-effective-route-table` or `list-effective-nsg` prints",
			   "these are neither effective routes nor effective rules");
	return r;
}

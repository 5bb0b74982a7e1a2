/* The public calls of imports: include/pktpath/import.h says what they promise. */
#include "import/properties.h"
#include "import/run.h"
#include "pktpath/tools.h"
#include <errno.h>

struct pp_import {
	struct import import; /* alone: the public type is another name of it */
};

static struct import *inside(pp_import *import)
{
	return &import->import;
}

pp_import *pp_import_new(void)
{
	return (pp_import *)import_new();
}

void pp_import_free(pp_import *import)
{
	import_free((struct import *)import);
}

int pp_import_add(pp_import *import, const char *name, const char *text, size_t text_bytes)
{
	return import_add(inside(import), name, text, text_bytes, false);
}

int pp_import_add_parameters(pp_import *import, const char *name, const char *text, size_t text_bytes)
{
	return import_add(inside(import), name, text, text_bytes, true);
}

int pp_import_param(pp_import *import, const char *name, const char *value)
{
	return import_set(inside(import), IMPORT_PARAM, name, value);
}

int pp_import_address(pp_import *import, const char *name, const char *value)
{
	return import_set(inside(import), IMPORT_ADDRESS, name, value);
}

int pp_import_feed(pp_import *import, const char *name, const void *data, size_t bytes)
{
	return import_feed(inside(import), name, data, bytes);
}

int pp_import_inside(pp_import *import, const char *prefix)
{
	return import_inside(inside(import), prefix);
}

void pp_import_no_flows(pp_import *import)
{
	inside(import)->no_flows = true;
}

int pp_import_finish(pp_import *import)
{
	return import_finish(inside(import));
}

size_t pp_import_n_diagnostics(const pp_import *import)
{
	return import->import.diags.n;
}

void pp_import_diagnostic(const pp_import *import, size_t index, pp_diagnostic *ret)
{
	const struct diag *diag = &import->import.diags.items[index];
	*ret = (pp_diagnostic){diag->severity == DIAG_ERROR,
			       diag->place.file,
			       diag->place.line,
			       diag->place.column,
			       diag->message,
			       diag->hint,
			       diag->excerpt,
			       NULL};
}

const char *pp_import_text(const pp_import *import, size_t *ret_bytes)
{
	*ret_bytes = import->import.text_bytes;
	return import->import.text;
}

/* ---- what was made of what ---- */

static size_t n_kept(const struct import *import)
{
	size_t n = 0;
	for (size_t i = 0; i < import->n_resources; i++)
		n += import->resources[i]->mapped;
	return n;
}

size_t pp_import_n_items(const pp_import *import)
{
	return n_kept(&import->import) + import->import.n_assumed + import->import.n_notes;
}

static void fill_place(pp_imported *ret, const struct js *at)
{
	ret->pointer[0] = '\0';
	if (!at || !at->file)
		return;
	ret->file = at->file;
	ret->line = at->line;
	ret->column = at->column;
	js_pointer(at, ret->pointer, sizeof ret->pointer);
}

void pp_import_item(const pp_import *public, size_t index, pp_imported *ret)
{
	const struct import *import = &public->import;
	*ret = (pp_imported){.kind = PP_IMPORTED_KEPT};
	for (size_t i = 0; i < import->n_resources; i++) {
		const struct resource *at = import->resources[i];
		if (!at->mapped || index-- > 0)
			continue;
		ret->what = at->name;
		ret->type = at->type;
		fill_place(ret, at->body);
		return;
	}
	if (index < import->n_assumed) {
		const struct assumed *at = &import->assumed[index];
		*ret = (pp_imported){.kind = PP_IMPORTED_ASSUMED, .what = at->what, .option = at->option};
		fill_place(ret, at->at);
		return;
	}
	const struct note *at = &import->notes[index - import->n_assumed];
	*ret = (pp_imported){.kind = at->severity == SEVERITY_CHANGES ? PP_IMPORTED_CHANGES : PP_IMPORTED_MAY,
			     .what = at->what};
	fill_place(ret, at->at);
}

bool pp_import_lacks_values(const pp_import *import)
{
	return import->import.n_unknown_needed > 0;
}

int pp_import_against(pp_import *import, const char *name, const char *text, size_t text_bytes,
		      void (*each)(void *context, const pp_imported_difference *difference), void *context)
{
	struct finding_list found = {0};
	int r = import_against(inside(import), name, text, text_bytes, &found);
	for (size_t i = 0; r == 0 && i < found.n; i++) {
		pp_imported_difference difference = {found.items[i].text, found.items[i].file, found.items[i].line};
		each(context, &difference);
	}
	return r;
}

struct telling {
	void (*each)(void *context, const pp_imported_property *property);
	void *context;
};

static void list(void *context, const struct resource *resource, const struct js *leaf, const char *path,
		 const char *fate, const char *reason)
{
	const struct telling *telling = context;
	pp_imported_property property = {resource->name, resource->type, path,
					 fate,           reason,         js_is_unknown(leaf) ? leaf->why : NULL,
					 leaf->file,     leaf->line,     ""};
	js_pointer(leaf, property.pointer, sizeof property.pointer);
	telling->each(telling->context, &property);
}

int pp_import_properties(pp_import *import, void (*each)(void *context, const pp_imported_property *property),
			 void *context)
{
	struct telling telling = {each, context};
	properties_each(inside(import), list, &telling);
	return inside(import)->store.failed ? -ENOMEM : 0;
}

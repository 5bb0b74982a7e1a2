/* DOC: the key `source`: of what an object was made, FILE:LINE. Any object may have it. It holds for the object and for
 * all that stands in it without one of its own, so that the key of a site's gateway, or a rule of a group, can be traced
 * back, too. */
#include "model/sources.h"
#include "scenario/decode.h"
#include <stdlib.h>
#include <string.h>

static bool is_source(const char *text)
{
	uint64_t line;
	const char *colon = strrchr(text, ':');
	return colon && colon > text && read_number(colon + 1, 999999999, &line) && line > 0;
}

void check_source(struct decoder *d, const struct tree *value, enum section section)
{
	if (tree_is_null(value) || (value->kind == TREE_SCALAR && is_source(value->text)))
		return;
	diag_error(d->diags, value->place,
		   section == SECTION_RULE ? "FILE:LINE that the rule was made from; its addresses stand under `src`"
					   : "write it as FILE:LINE, such as network.json:61",
		   "`%s` is no line of a file", decode_shown(value));
}

/* NULL where it has none, or a wrong one, which its section reports. */
static const char *own_source(const struct tree *node)
{
	const struct tree *at = tree_get(node, SOURCE_KEY_NAME);
	return at && at->kind == TREE_SCALAR && at->text && is_source(at->text) ? at->text : NULL;
}

static size_t add(struct source_config *out, size_t n, struct place place, const char *source)
{
	if (!place.file)
		return n;
	if (out)
		out[n] = (struct source_config){place, source};
	return n + 1;
}

/* The places of keys and values below `node`, it included, that a source holds for: counted where `out` is NULL. */
static size_t gather(const struct tree *node, const char *source, struct source_config *out)
{
	const char *own = own_source(node);
	size_t n = 0;
	source = own ? own : source;
	if (source) {
		n = add(out, n, node->key_place, source);
		n = add(out, n, node->place, source);
	}
	for (const struct tree *child = node->first; child; child = child->next)
		n += gather(child, source, out ? out + n : NULL);
	return n;
}

void decode_sources(struct decoder *d)
{
	static const char *const places[] = {"network", "flows", "timeline", "taps", "expect"};
	size_t n = 0;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		n += tree_get(d->root, places[i]) ? gather(tree_get(d->root, places[i]), NULL, NULL) : 0;
	if (n == 0)
		return;
	struct source_config *sources = decode_array(d, n, sizeof *sources);
	if (!sources)
		return;
	n = 0;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		n += tree_get(d->root, places[i]) ? gather(tree_get(d->root, places[i]), NULL, sources + n) : 0;
	qsort(sources, n, sizeof *sources, source_compare);
	d->model->sources = sources;
	d->model->n_sources = n;
}

/* DOC: two texts are the same YAML where the parser says the same of both, event by event: kinds, texts, styles of
 * scalars, anchors and tags. How they are laid out, and whether a container stands in brackets, makes no difference. */
#include "scenario/layout.h"
#include "scenario/yaml.h"
#include <errno.h>
#include <libfyaml.h>
#include <string.h>

static bool same_token(struct fy_token *a, struct fy_token *b)
{
	size_t n = 0, m = 0;
	const char *x = a ? fy_token_get_text(a, &n) : NULL, *y = b ? fy_token_get_text(b, &m) : NULL;
	return !x == !y && n == m && (!x || memcmp(x, y, n) == 0);
}

static bool same_scalar(struct fy_event *a, struct fy_event *b)
{
	struct fy_token *x = a->scalar.value, *y = b->scalar.value;
	return same_token(x, y) && same_token(a->scalar.anchor, b->scalar.anchor) &&
	       same_token(a->scalar.tag, b->scalar.tag) &&
	       (!x || !y || fy_token_scalar_style(x) == fy_token_scalar_style(y));
}

static bool same_event(struct fy_event *a, struct fy_event *b)
{
	if (!a || !b || a->type != b->type)
		return !a && !b;
	switch ((int)a->type) {
	case FYET_SCALAR:
		return same_scalar(a, b);
	case FYET_ALIAS:
		return same_token(a->alias.anchor, b->alias.anchor);
	case FYET_MAPPING_START:
		return same_token(a->mapping_start.anchor, b->mapping_start.anchor) &&
		       same_token(a->mapping_start.tag, b->mapping_start.tag);
	case FYET_SEQUENCE_START:
		return same_token(a->sequence_start.anchor, b->sequence_start.anchor) &&
		       same_token(a->sequence_start.tag, b->sequence_start.tag);
	}
	return true;
}

/* Event by event. A parser that ends early has said an error, or had no memory: what both have read until then counts. */
static bool same_events(struct yaml *x, struct yaml *y)
{
	bool same = true, more = true;
	while (more) {
		struct fy_event *of_x = fy_parser_parse(x->parser), *of_y = fy_parser_parse(y->parser);
		same = same_event(of_x, of_y);
		more = same && of_x;
		if (of_x)
			fy_parser_event_free(x->parser, of_x);
		if (of_y)
			fy_parser_event_free(y->parser, of_y);
	}
	return same && !fy_parser_get_stream_error(x->parser) && !fy_parser_get_stream_error(y->parser);
}

static int compare(const struct source *a, const struct source *b)
{
	struct arena *arena = arena_new();
	struct diag_list diags;
	struct yaml x, y;
	if (!arena)
		return -ENOMEM;
	diag_init(&diags, arena);
	bool have_x = yaml_begin(&x, a, &diags) == 0, have_y = yaml_begin(&y, b, &diags) == 0;
	int r = !have_x || !have_y ? -ENOMEM : same_events(&x, &y) ? 0 : 1;
	if (have_x)
		yaml_end(&x);
	if (have_y)
		yaml_end(&y);
	diag_deinit(&diags);
	arena_free(arena);
	return r;
}

/* The library has one answer for a text that differs and for a text for which it had no memory: a difference has to be found
 * twice, while the first text is equal to itself. */
int layout_same(const struct source *a, const struct source *b)
{
	int r = compare(a, b);
	if (r <= 0)
		return r;
	return compare(a, b) == 1 && compare(a, a) == 0 ? 1 : -ENOMEM;
}

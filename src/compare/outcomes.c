/* Outcomes of flows, as report.json counts them. */
#include "compare/outcomes.h"
#include "base/buf.h"
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const json_t *flows_of(const json_t *report)
{
	const json_t *flows = json_object_get(report, "flows");
	return json_is_object(flows) ? flows : NULL;
}

/* "128 delivered, 22 timed_out"; "no call" of a flow that a run does not have. */
static const char *outcomes_of(struct arena *arena, const json_t *flow)
{
	const json_t *outcomes = json_object_get(flow, "outcomes"), *count;
	const char *name;
	struct buf text = {0};
	json_object_foreach((json_t *)(uintptr_t)outcomes, name, count)
	{
		if (json_is_integer(count) && json_integer_value(count) > 0)
			buf_printf(&text, "%s%lld %s", text.size_bytes > 0 ? ", " : "",
				   (long long)json_integer_value(count), name);
	}
	const char *ret = text.failed ? NULL : arena_strdup(arena, text.size_bytes == 0 ? "no call" : buf_text(&text));
	buf_free(&text);
	return ret;
}

static int compare_flow(const char *name, const json_t *a, const json_t *b, struct difference_list *list)
{
	const char *before = outcomes_of(list->arena, a), *after = outcomes_of(list->arena, b);
	if (!before || !after)
		return -ENOMEM;
	if (strcmp(before, after) == 0)
		return 0;
	struct difference like = {.kind = DIFFERENCE_OUTCOME, .field = "outcome", .before = before, .after = after},
			  *difference;
	bool show;
	like.flow = arena_strdup(list->arena, name);
	return !like.flow ? -ENOMEM : difference_add(list, list->n, &like, &difference, &show);
}

static int compare_flows(const json_t *a, const json_t *b, struct difference_list *list)
{
	const char *name;
	const json_t *flow;
	int r = 0;
	json_object_foreach((json_t *)(uintptr_t)a, name, flow)
	{
		if (r == 0)
			r = compare_flow(name, flow, json_object_get(b, name), list);
	}
	json_object_foreach((json_t *)(uintptr_t)b, name, flow)
	{
		if (r == 0 && !json_object_get(a, name))
			r = compare_flow(name, NULL, flow, list);
	}
	return r;
}

/* jansson may call short memory an invalid token: what is damaged is so the second time, too. NULL where it is; *ret_error
 * is -ENOMEM where memory is short. */
static json_t *load(const char *text, size_t bytes, int *ret_error)
{
	for (int i = 0; i < 2; i++) {
		json_error_t error = {0};
		json_t *root = json_loadb(text, bytes, 0, &error);
		if (root)
			return root;
		if (error.text[0] == '\0' || json_error_code(&error) == json_error_out_of_memory)
			*ret_error = -ENOMEM;
	}
	return NULL;
}

int compare_outcomes(const char *a, size_t a_bytes, const char *b, size_t b_bytes, struct difference_list *list)
{
	int r = 0;
	json_t *report_a = load(a, a_bytes, &r), *report_b = load(b, b_bytes, &r);
	const json_t *flows_a = flows_of(report_a), *flows_b = flows_of(report_b);
	if (flows_a && flows_b)
		r = compare_flows(flows_a, flows_b, list);
	else if (r == 0)
		r = 1;
	json_decref(report_a);
	json_decref(report_b);
	return r;
}

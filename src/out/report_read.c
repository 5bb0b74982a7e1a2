/* DOC: reports are read by the program that wrote them, or an older one, so nothing is taken for granted: what is
 * missing or of another kind makes it no report. */
#include "out/report_read.h"
#include "base/file.h"
#include <errno.h>
#include <jansson.h>
#include <unistd.h>

int report_slurp(const char *path, struct buf *out)
{
	int fd = file_open(path), r = 0;
	ssize_t n = 1;
	if (fd < 0)
		return fd;
	while (r == 0 && n > 0) {
		if (!buf_reserve(out, 65536)) {
			r = -ENOMEM;
			break;
		}
		n = file_read(fd, out->data + out->size_bytes, 65536);
		if (n < 0)
			r = (int)n;
		else
			out->size_bytes += (size_t)n;
	}
	(void)close(fd);
	return r;
}

/* jansson may call short memory an invalid token: what is damaged is so the second time, too. NULL where it is; *ret_error
 * is -ENOMEM where memory is short. */
static json_t *load(const char *text, size_t bytes, int *ret_error)
{
	for (int i = 0; i < 2; i++) {
		json_error_t error = {0};
		json_t *root = json_loadb(text, bytes, JSON_ALLOW_NUL, &error);
		if (root)
			return root;
		if (error.text[0] == '\0' || json_error_code(&error) == json_error_out_of_memory)
			*ret_error = -ENOMEM;
	}
	return NULL;
}

static int read_overrides(struct arena *arena, const json_t *list, struct report_source *ret)
{
	size_t n = json_array_size(list);
	struct report_setting *overrides = arena_array(arena, n, sizeof *overrides);
	if (!overrides)
		return -ENOMEM;
	ret->overrides = overrides;
	ret->n_overrides = n;
	for (size_t i = 0; i < n; i++) {
		const char *path = json_string_value(json_object_get(json_array_get(list, i), "path"));
		const json_t *given = json_object_get(json_array_get(list, i), "value");
		const char *value = json_string_value(given); /* null takes the item away */
		if (!path || (!value && !json_is_null(given)))
			return 1;
		overrides[i] =
			(struct report_setting){arena_strdup(arena, path), value ? arena_strdup(arena, value) : NULL};
		if (!overrides[i].path || (value && !overrides[i].value))
			return -ENOMEM;
	}
	return 0;
}

/* {file, text} */
static int read_text(struct arena *arena, const json_t *object, struct source *ret)
{
	const json_t *text = json_object_get(object, "text");
	const char *file = json_string_value(json_object_get(object, "file"));
	if (!json_is_string(text) || !file)
		return 1;
	*ret = (struct source){arena_strdup(arena, file),
			       arena_strndup(arena, json_string_value(text), json_string_length(text)),
			       json_string_length(text)};
	return ret->file && ret->text ? 0 : -ENOMEM;
}

/* Reports of before there were included files have no list of them. */
static int read_included(struct arena *arena, const json_t *list, struct report_source *ret)
{
	size_t n = json_array_size(list);
	struct source *included = arena_array(arena, n ? n : 1, sizeof *included);
	int r = included ? 0 : -ENOMEM;
	ret->included = included;
	ret->n_included = n;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = read_text(arena, json_array_get(list, i), &included[i]);
	return r;
}

static int read_source(struct arena *arena, const json_t *root, struct report_source *ret)
{
	const json_t *scenario = json_object_get(root, "scenario"), *set = json_object_get(scenario, "set");
	*ret = (struct report_source){0};
	if (!json_is_array(set))
		return 1;
	int r = read_text(arena, scenario, &ret->source);
	r = r == 0 ? read_included(arena, json_object_get(scenario, "included"), ret) : r;
	return r == 0 ? read_overrides(arena, set, ret) : r;
}

int report_source_read(struct arena *arena, const char *text, size_t bytes, struct report_source *ret)
{
	int r = 0;
	json_t *root = load(text, bytes, &r);
	if (root)
		r = read_source(arena, root, ret);
	else if (r == 0)
		r = 1;
	json_decref(root);
	return r;
}

static void forget_files(json_t *root)
{
	size_t i;
	json_t *expectation;
	(void)json_object_del(root, "files");
	(void)json_object_del(root, "program");
	(void)json_object_del(root, REPORT_MARKER_KEY); /* reports of 0.1.0 have none */
	json_array_foreach(json_object_get(root, "expectations"), i, expectation)(void)
		json_object_del(json_object_get(expectation, "packet"), "capture");
}

/* Our own text, which has its members in lines: what stands around `program` and `files` is the same byte for byte. No
 * text of JSON has a line break, so these are members. */
static bool same_around_files(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
	static const char program[] = "\n  \"program\": ", scenario[] = "\n  \"scenario\": {";
	const char *head_a = memmem(a, a_bytes, program, sizeof program - 1);
	const char *head_b = memmem(b, b_bytes, program, sizeof program - 1);
	const char *tail_a = memmem(a, a_bytes, scenario, sizeof scenario - 1);
	const char *tail_b = memmem(b, b_bytes, scenario, sizeof scenario - 1);
	if (!head_a || !head_b || !tail_a || !tail_b || head_a > tail_a || head_b > tail_b)
		return false;
	size_t head_bytes = (size_t)(head_a - a), tail_bytes = a_bytes - (size_t)(tail_a - a);
	return head_bytes == (size_t)(head_b - b) && memcmp(a, b, head_bytes) == 0 &&
	       tail_bytes == b_bytes - (size_t)(tail_b - b) && memcmp(tail_a, tail_b, tail_bytes) == 0;
}

int report_same(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
	int r = 0;
	if (same_around_files(a, a_bytes, b, b_bytes))
		return 1;
	json_t *x = load(a, a_bytes, &r), *y = load(b, b_bytes, &r);
	if (x && y) {
		forget_files(x);
		forget_files(y);
	}
	if (x && y)
		r = json_equal(x, y);
	json_decref(x);
	json_decref(y);
	return r;
}

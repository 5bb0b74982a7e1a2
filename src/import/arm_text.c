/* Functions of templates that make texts. Those that are random or depend on the time in Azure are fixed here, as a
 * scenario has the same bytes each time. */
#include "base/buf.h"
#include "import/arm.h"
#include <stdlib.h>
#include <string.h>

const char *arm_text(const struct call *call, size_t arg)
{
	const char *text = arg < call->n ? js_string(call->args[arg]) : NULL;
	return text ? text : "";
}

int64_t arm_number(const struct call *call, size_t arg)
{
	if (arg >= call->n)
		return 0;
	return call->args[arg]->kind == JS_NUMBER ? call->args[arg]->number : strtoll(arm_text(call, arg), NULL, 10);
}

struct js *arm_empty(struct eval *eval, enum js_kind kind)
{
	return js_make(eval->arm->store, kind, eval->at);
}

uint64_t arm_hash(const char *text, uint64_t seed)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^ seed;
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return hash ^ hash >> 29;
}

static struct js *text_of(struct eval *eval, const char *text)
{
	return js_text(eval->arm->store, text, eval->at);
}

/* Takes the buffer. */
struct js *arm_take_buf(struct eval *eval, struct buf *buf)
{
	struct store *store = eval->arm->store;
	bool large = buf->size_bytes > STORE_MAX_TEXT;
	store->failed = store->failed || buf_failed(buf);
	store->exhausted = store->exhausted || large;
	const char *text = large ? "" : store_text(store, buf_text(buf), buf->size_bytes);
	buf_free(buf);
	return text_of(eval, text);
}

/* ---- putting together ---- */

static struct js *concat_lists(struct eval *eval, const struct call *call)
{
	struct js *list = arm_empty(eval, JS_ARRAY);
	for (size_t i = 0; i < call->n; i++) {
		if (call->args[i]->kind == JS_UNKNOWN)
			return call->args[i];
		each_item(item, call->args[i])
		{
			js_put(eval->arm->store, list, NULL, js_copy(eval->arm->store, item));
			if (call->args[i]->kind != JS_ARRAY)
				break;
		}
	}
	return list;
}

static struct js *fn_concat(struct eval *eval, const struct call *call)
{
	struct buf out = {0};
	for (size_t i = 0; i < call->n; i++)
		if (call->args[i]->kind == JS_ARRAY)
			return concat_lists(eval, call);
	for (size_t i = 0; i < call->n && out.size_bytes <= STORE_MAX_TEXT; i++)
		buf_puts(&out, arm_text(call, i));
	return arm_take_buf(eval, &out);
}

static void print_value(struct buf *out, const struct js *value);

static void print_quoted(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(out, '\\');
		if ((unsigned char)*text < 0x20)
			buf_printf(out, "\\u%04x", (unsigned char)*text);
		else
			buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

static void print_members(struct buf *out, const struct js *value)
{
	bool object = value->kind == JS_OBJECT;
	buf_putc(out, object ? '{' : '[');
	for (const struct js *child = value->first; child && out->size_bytes <= STORE_MAX_TEXT; child = child->next) {
		if (child != value->first)
			buf_putc(out, ',');
		if (object) {
			print_quoted(out, child->key);
			buf_putc(out, ':');
		}
		print_value(out, child);
	}
	buf_putc(out, object ? '}' : ']');
}

static void print_value(struct buf *out, const struct js *value)
{
	switch (value->kind) {
	case JS_NULL:
	case JS_UNKNOWN:
		buf_puts(out, "null");
		return;
	case JS_STRING:
		print_quoted(out, value->text);
		return;
	case JS_BOOL:
	case JS_NUMBER:
		buf_puts(out, value->text);
		return;
	case JS_ARRAY:
	case JS_OBJECT:
		print_members(out, value);
		return;
	}
}

static struct js *fn_string(struct eval *eval, const struct call *call)
{
	struct buf out = {0};
	const char *text = js_string(call->args[0]);
	if (text)
		return text_of(eval, call->args[0]->kind == JS_BOOL ? (call->args[0]->truth ? "True" : "False") : text);
	print_value(&out, call->args[0]);
	return arm_take_buf(eval, &out);
}

static struct js *fn_join(struct eval *eval, const struct call *call)
{
	struct buf out = {0};
	each_item(item, call->args[0])
	{
		if (item->kind == JS_UNKNOWN) {
			buf_free(&out);
			return item;
		}
		if (item != call->args[0]->first)
			buf_puts(&out, arm_text(call, 1));
		buf_puts(&out, js_string(item) ? js_string(item) : "");
		if (call->args[0]->kind != JS_ARRAY || out.size_bytes > STORE_MAX_TEXT)
			break;
	}
	return arm_take_buf(eval, &out);
}

/* ---- changing ---- */

static struct js *fn_to_lower(struct eval *eval, const struct call *call)
{
	return text_of(eval, store_lower(eval->arm->store, arm_text(call, 0)));
}

static struct js *fn_to_upper(struct eval *eval, const struct call *call)
{
	struct buf out = {0};
	for (const char *p = arm_text(call, 0); *p; p++)
		buf_putc(&out, (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p));
	return arm_take_buf(eval, &out);
}

static struct js *fn_trim(struct eval *eval, const struct call *call)
{
	const char *text = arm_text(call, 0) + strspn(arm_text(call, 0), " \t\r\n");
	size_t n = strlen(text);
	while (n > 0 && strchr(" \t\r\n", text[n - 1]))
		n--;
	return text_of(eval, store_text(eval->arm->store, text, n));
}

static struct js *fn_substring(struct eval *eval, const struct call *call)
{
	const char *text = arm_text(call, 0);
	int64_t n = (int64_t)strlen(text), first = arm_number(call, 1),
		length = call->n > 2 ? arm_number(call, 2) : n - first;
	if (first < 0 || first > n || length < 0 || length > n - first) {
		/* How long the real text is, a stand-in does not show. */
		if (call->args[0]->why)
			return text_of(eval, text);
		return arm_unknown(eval, "substring: `%s` has no %lld characters from %lld on", text, (long long)length,
				   (long long)first);
	}
	return text_of(eval, store_text(eval->arm->store, text + first, (size_t)length));
}

static struct js *fn_replace(struct eval *eval, const struct call *call)
{
	const char *text = arm_text(call, 0), *old = arm_text(call, 1), *new = arm_text(call, 2);
	struct buf out = {0};
	size_t n = strlen(old);
	if (n == 0)
		return text_of(eval, text);
	for (const char *found; (found = strstr(text, old)) && out.size_bytes <= STORE_MAX_TEXT; text = found + n) {
		buf_append(&out, text, (size_t)(found - text));
		buf_puts(&out, new);
	}
	buf_puts(&out, text);
	return arm_take_buf(eval, &out);
}

static struct js *fn_pad_left(struct eval *eval, const struct call *call)
{
	struct buf out = {0};
	const char *text = arm_text(call, 0);
	int64_t width = arm_number(call, 1), n = (int64_t)strlen(text);
	char pad = call->n > 2 && *arm_text(call, 2) ? *arm_text(call, 2) : ' ';
	for (; n < width && out.size_bytes < 10000; n++)
		buf_putc(&out, pad);
	buf_puts(&out, text);
	return arm_take_buf(eval, &out);
}

static bool is_delimiter(const struct js *delimiters, const char *at, size_t *ret_bytes)
{
	each_item(item, (struct js *)(uintptr_t)delimiters)
	{
		const char *text = js_string(item);
		*ret_bytes = text ? strlen(text) : 0;
		if (*ret_bytes > 0 && strncmp(at, text, *ret_bytes) == 0)
			return true;
		if (delimiters->kind != JS_ARRAY)
			break;
	}
	return false;
}

static struct js *fn_split(struct eval *eval, const struct call *call)
{
	struct store *store = eval->arm->store;
	struct js *list = arm_empty(eval, JS_ARRAY);
	const char *text = arm_text(call, 0), *start = text, *why = call->args[0]->why;
	size_t n;
	for (const char *p = text; *p && store_step(store);) {
		if (!is_delimiter(call->args[1], p, &n)) {
			p++;
			continue;
		}
		js_put(store, list, NULL,
		       js_stand_in(store, store_text(store, start, (size_t)(p - start)), why, eval->at));
		start = p += n;
	}
	js_put(store, list, NULL, js_stand_in(store, start, why, eval->at));
	list->why = why; /* of a stand-in there may be more items */
	return list;
}

static struct js *fn_starts_with(struct eval *eval, const struct call *call)
{
	return js_bool(eval->arm->store, text_begins(arm_text(call, 0), arm_text(call, 1)), eval->at);
}

static struct js *fn_ends_with(struct eval *eval, const struct call *call)
{
	return js_bool(eval->arm->store, text_ends(arm_text(call, 0), arm_text(call, 1)), eval->at);
}

/* Of a list: letters of texts are not alike. */
static struct js *index_in_list(struct eval *eval, const struct call *call, bool last)
{
	int64_t index = 0, found = -1;
	for (const struct js *item = call->args[0]->first; item && (last || found < 0); item = item->next, index++)
		found = js_equal(item, call->args[1]) ? index : found;
	return js_number(eval->arm->store, found, eval->at);
}

static struct js *fn_index_of(struct eval *eval, const struct call *call)
{
	if (call->args[0]->kind == JS_ARRAY)
		return index_in_list(eval, call, false);
	const char *text = arm_text(call, 0), *found = strcasestr(text, arm_text(call, 1));
	return js_number(eval->arm->store, found ? found - text : -1, eval->at);
}

static struct js *fn_last_index_of(struct eval *eval, const struct call *call)
{
	if (call->args[0]->kind == JS_ARRAY)
		return index_in_list(eval, call, true);
	const char *text = arm_text(call, 0), *part = arm_text(call, 1), *last = NULL;
	for (const char *found = strcasestr(text, part); found && *part; found = strcasestr(found + 1, part))
		last = found;
	return js_number(eval->arm->store, last ? last - text : -1, eval->at);
}

/* ---- addresses and documents ---- */

/* RFC 3986, as far as templates use it: what follows the last slash of the first is replaced. */
static struct js *fn_uri(struct eval *eval, const struct call *call)
{
	const char *base = arm_text(call, 0), *rest = arm_text(call, 1), *slash = strrchr(base, '/');
	if (strstr(rest, "://"))
		return text_of(eval, rest);
	while (*rest == '/')
		rest++;
	return text_of(eval, store_printf(eval->arm->store, "%.*s/%s", slash ? (int)(slash - base) : (int)strlen(base),
					  base, rest));
}

struct js *arm_json(struct eval *eval, const struct call *call)
{
	struct js *value = NULL;
	struct diag_list diags;
	const char *text = arm_text(call, 0);
	if (call->args[0]->why)
		return arm_unknown(eval, "%s", call->args[0]->why);
	diag_init(&diags, eval->arm->import->arena);
	int r = js_read(eval->arm->store, eval->at ? eval->at->file : NULL, text, strlen(text), &diags, &value);
	diag_deinit(&diags);
	if (r < 0)
		eval->arm->store->failed = true;
	if (!value)
		return arm_unknown(eval, "json: the text is no JSON");
	for (struct js *at = value; at;) { /* it stands where the expression does */
		at->line = eval->at ? eval->at->line : 0;
		at->column = eval->at ? eval->at->column : 0;
		at->origin = eval->at ? js_origin(eval->at) : NULL;
		if (at->first) {
			at = at->first;
			continue;
		}
		while (at != value && !at->next)
			at = at->parent;
		at = at == value ? NULL : at->next;
	}
	return value;
}

/* ---- fixed stand-ins ---- */

static uint64_t hash_all(const struct call *call, uint64_t seed)
{
	for (size_t i = 0; i < call->n; i++)
		seed = arm_hash(arm_text(call, i), seed * 31 + 7);
	return seed;
}

static struct js *fn_unique_string(struct eval *eval, const struct call *call)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	char text[14];
	uint64_t hash = hash_all(call, 1);
	for (size_t i = 0; i < 13; i++, hash = hash >> 5 | hash << 59)
		text[i] = letters[hash & 31];
	text[13] = '\0';
	return text_of(eval, store_text(eval->arm->store, text, 13));
}

static struct js *fn_guid(struct eval *eval, const struct call *call)
{
	unsigned long long a = hash_all(call, 2), b = hash_all(call, 3);
	return text_of(eval, store_printf(eval->arm->store, "%08llx-%04llx-5%03llx-8%03llx-%012llx", a >> 32,
					  a >> 16 & 0xffff, a & 0xfff, b >> 48 & 0xfff, b & 0xffffffffffffULL));
}

static struct js *fn_utc_now(struct eval *eval, const struct call *call)
{
	(void)call;
	return text_of(eval, "20151217T000000Z");
}

static struct js *fn_date_time_add(struct eval *eval, const struct call *call)
{
	return text_of(eval, arm_text(call, 0));
}

const struct arm_function *arm_functions_text(size_t *ret_n)
{
	static const struct arm_function table[] = {
		{"concat", 0, 1000, fn_concat, false, false},
		{"format", 1, 1000, arm_format, false, false},
		{"string", 1, 1, fn_string, false, false},
		{"join", 2, 2, fn_join, false, false},
		{"toLower", 1, 1, fn_to_lower, false, false},
		{"toUpper", 1, 1, fn_to_upper, false, false},
		{"trim", 1, 1, fn_trim, false, false},
		{"substring", 2, 3, fn_substring, false, false},
		{"replace", 3, 3, fn_replace, false, false},
		{"padLeft", 2, 3, fn_pad_left, false, false},
		{"split", 2, 2, fn_split, false, false},
		{"startsWith", 2, 2, fn_starts_with, false, false},
		{"endsWith", 2, 2, fn_ends_with, false, false},
		{"indexOf", 2, 2, fn_index_of, false, false},
		{"lastIndexOf", 2, 2, fn_last_index_of, false, false},
		{"uri", 2, 2, fn_uri, false, false},
		{"json", 1, 1, arm_json, false, false},
		{"uniqueString", 1, 1000, fn_unique_string, false, false},
		{"guid", 1, 1000, fn_guid, false, false},
		{"newGuid", 0, 0, fn_guid, false, false},
		{"utcNow", 0, 1, fn_utc_now, false, false},
		{"dateTimeAdd", 2, 3, fn_date_time_add, false, false},
	};
	*ret_n = sizeof table / sizeof *table;
	return table;
}

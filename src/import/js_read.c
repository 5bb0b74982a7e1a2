/* DOC: the reader of JSON. It goes once through the text, without recursion, and keeps line and column of each value.
 * Beyond RFC 8259 it takes what Azure's tools take: comments of both kinds, a comma after the last item, line breaks
 * within texts, and a byte order mark. It bounds size, nesting and the number of values, and wants valid UTF-8 without
 * NUL. Duplicate keys: the first counts, as readers of ARM templates refuse the second.
 *
 * Several documents one after the other (JSON lines) are not one document: the rest is an error. */
#include "base/utf8.h"
#include "import/store.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct store *store;
	struct diag_list *diags;
	const char *file;
	const char *at, *end;
	uint32_t line, column;
	size_t n_nodes;
	bool wrong;
};

static struct place here(const struct reader *reader)
{
	return (struct place){reader->file, reader->line, reader->column};
}

static bool complain(struct reader *reader, const char *hint, const char *message)
{
	if (!reader->wrong)
		diag_error(reader->diags, here(reader), hint, "%s", message);
	reader->wrong = true;
	return false;
}

/* One character further; it is there. */
static void advance(struct reader *reader)
{
	unsigned char c = (unsigned char)*reader->at++;
	if (c == '\n') {
		reader->line++;
		reader->column = 1;
	} else if ((c & 0xc0) != 0x80) {
		reader->column++;
	}
}

static bool ahead(const struct reader *reader, const char *text)
{
	size_t n = strlen(text);
	return (size_t)(reader->end - reader->at) >= n && memcmp(reader->at, text, n) == 0;
}

static bool skip_block_comment(struct reader *reader)
{
	while (reader->at < reader->end && !ahead(reader, "*/"))
		advance(reader);
	if (reader->at == reader->end)
		return complain(reader, "end it with */", "a comment does not end");
	advance(reader);
	advance(reader);
	return true;
}

static bool skip_blanks(struct reader *reader)
{
	while (reader->at < reader->end) {
		if (strchr(" \t\r\n", *reader->at)) {
			advance(reader);
		} else if (ahead(reader, "//")) {
			while (reader->at < reader->end && *reader->at != '\n')
				advance(reader);
		} else if (ahead(reader, "/*")) {
			if (!skip_block_comment(reader))
				return false;
		} else {
			break;
		}
	}
	return true;
}

/* ---- texts ---- */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static bool read_hex(struct reader *reader, uint32_t *ret)
{
	*ret = 0;
	for (int i = 0; i < 4; i++) {
		int digit = reader->at < reader->end ? hex_digit(*reader->at) : -1;
		if (digit < 0)
			return complain(reader, "four hexadecimal digits follow \\u", "an escape is not complete");
		*ret = *ret * 16 + (uint32_t)digit;
		advance(reader);
	}
	return true;
}

static size_t put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(c | (n == 2 ? 0xc0u : n == 3 ? 0xe0u : 0xf0u));
	return n;
}

/* After the backslash. A lone surrogate becomes U+FFFD. */
static bool read_escape(struct reader *reader, char *out, size_t *n)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint32_t c, low;
	if (reader->at == reader->end)
		return complain(reader, "end it with \"", "a text does not end");
	const char *simple = *reader->at ? strchr(from, *reader->at) : NULL;
	bool unicode = *reader->at == 'u';
	if (!simple && !unicode)
		return complain(reader, "escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX",
				"an escape that JSON does not have");
	advance(reader);
	if (simple) {
		out[(*n)++] = to[simple - from];
		return true;
	}
	if (!read_hex(reader, &c))
		return false;
	if (c >= 0xd800 && c < 0xdc00 && ahead(reader, "\\u")) {
		advance(reader);
		advance(reader);
		if (!read_hex(reader, &low))
			return false;
		c = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
	} else if (c >= 0xd800 && c < 0xe000) {
		c = 0xfffd;
	}
	if (c == 0)
		return complain(reader, "remove it", "a text holds the character NUL");
	*n += put_utf8(out + *n, c);
	return true;
}

/* At the opening quote. The text is at most as long as it is in the file. */
static const char *read_text(struct reader *reader)
{
	struct place start = here(reader);
	advance(reader);
	size_t longest = 0;
	for (const char *p = reader->at; p < reader->end && *p != '"'; p++, longest++)
		if (*p == '\\' && p + 1 < reader->end)
			p++, longest++;
	char *out = store_array(reader->store, longest + 1, 1);
	size_t n = 0;
	if (!out) {
		reader->wrong = true;
		return "";
	}
	while (reader->at < reader->end && *reader->at != '"') {
		if (*reader->at == '\\') {
			advance(reader);
			if (!read_escape(reader, out, &n))
				return "";
			continue;
		}
		out[n++] = *reader->at;
		advance(reader);
	}
	if (reader->at == reader->end) {
		diag_error(reader->diags, start, "end it with \"", "a text does not end");
		reader->wrong = true;
		return "";
	}
	advance(reader);
	out[n] = '\0';
	return out;
}

/* ---- values ---- */

static struct js *new_node(struct reader *reader, enum js_kind kind)
{
	struct js *node = js_make(reader->store, kind, NULL);
	if (node == &reader->store->spare)
		reader->wrong = true;
	if (++reader->n_nodes > JS_MAX_NODES)
		(void)complain(reader, "import a part of it", "the document has more than 2,000,000 values");
	node->file = reader->file;
	node->line = reader->line;
	node->column = reader->column;
	return node;
}

static bool is_number(const char *text)
{
	const char *p = text + (*text == '-');
	size_t whole = strspn(p, "0123456789");
	if (whole == 0 || (whole > 1 && *p == '0'))
		return false;
	p += whole;
	if (*p == '.') {
		size_t fraction = strspn(++p, "0123456789");
		if (fraction == 0)
			return false;
		p += fraction;
	}
	if (*p == 'e' || *p == 'E') {
		p += 1 + (p[1] == '+' || p[1] == '-');
		size_t power = strspn(p, "0123456789");
		if (power == 0)
			return false;
		p += power;
	}
	return *p == '\0';
}

static struct js *read_word(struct reader *reader)
{
	struct js *node = new_node(reader, JS_NULL);
	const char *start = reader->at;
	while (reader->at < reader->end && !strchr(" \t\r\n,:]}[{\"/", *reader->at))
		advance(reader);
	size_t n = (size_t)(reader->at - start);
	const char *word = n < 64 ? store_text(reader->store, start, n) : "?";
	if (strcmp(word, "null") == 0)
		return node;
	if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
		node->kind = JS_BOOL;
		node->truth = *word == 't';
	} else if (is_number(word)) {
		node->kind = JS_NUMBER;
		node->number = strtoll(word, NULL, 10);
	} else {
		diag_error(reader->diags, (struct place){reader->file, node->line, node->column},
			   "values are texts in double quotes, numbers, true, false, null, [...] and {...}",
			   "this is no value of JSON");
		reader->wrong = true;
	}
	node->text = word;
	return node;
}

static struct js *read_value(struct reader *reader)
{
	struct js *node;
	switch (*reader->at) {
	case '"':
		node = new_node(reader, JS_STRING);
		node->text = reader->wrong ? "" : read_text(reader);
		return node;
	case '[':
	case '{':
		node = new_node(reader, *reader->at == '[' ? JS_ARRAY : JS_OBJECT);
		advance(reader);
		return node;
	default:
		return read_word(reader);
	}
}

/* At the beginning of a member: its key, and the colon behind it. */
static const char *read_key(struct reader *reader)
{
	if (*reader->at != '"') {
		(void)complain(reader, "keys are texts in double quotes", "a key is due here");
		return NULL;
	}
	const char *key = read_text(reader);
	if (reader->wrong || !skip_blanks(reader))
		return NULL;
	if (reader->at == reader->end || *reader->at != ':') {
		(void)complain(reader, "\"key\": value", "a colon is due here");
		return NULL;
	}
	advance(reader);
	if (!skip_blanks(reader))
		return NULL;
	if (reader->at == reader->end) {
		(void)complain(reader, NULL, "the document ends before a value");
		return NULL;
	}
	return key;
}

/* Closes containers that end here, and steps over the comma behind what was read. False: something is wrong. */
static bool close_containers(struct reader *reader, struct js **at, size_t *depth)
{
	while (*at && skip_blanks(reader) && reader->at < reader->end) {
		char close = (*at)->kind == JS_ARRAY ? ']' : '}';
		bool comma = *reader->at == ',' && (*at)->n > 0;
		if (comma) {
			advance(reader);
			if (!skip_blanks(reader) || reader->at == reader->end)
				break;
		}
		if (*reader->at != close) {
			if ((*at)->n == 0 || comma)
				return true;
			return complain(reader, NULL,
					close == ']' ? "a comma or ] is due here" : "a comma or } is due here");
		}
		advance(reader);
		*at = (*at)->parent;
		(*depth)--;
	}
	return !reader->wrong;
}

static struct js *read_document(struct reader *reader)
{
	struct js *root = NULL, *at = NULL;
	size_t depth = 0;
	if (!skip_blanks(reader))
		return NULL;
	if (reader->at == reader->end) {
		(void)complain(reader, NULL, "the document is empty");
		return NULL;
	}
	do {
		if (reader->at == reader->end) {
			(void)complain(reader, "the file is cut off: get it whole",
				       "the document ends within a list or an object");
			return NULL;
		}
		const char *key = at && at->kind == JS_OBJECT ? read_key(reader) : NULL;
		if (reader->wrong)
			return NULL;
		struct js *node = read_value(reader);
		if (reader->wrong)
			return NULL;
		if (at)
			js_add(at, key, node);
		else
			root = node;
		if (node->kind == JS_ARRAY || node->kind == JS_OBJECT) {
			at = node;
			if (++depth > JS_MAX_DEPTH) {
				(void)complain(reader, NULL, "the document is nested more than 128 deep");
				return NULL;
			}
		}
		if (!close_containers(reader, &at, &depth))
			return NULL;
	} while (at);
	return root;
}

static bool is_sound(struct reader *reader)
{
	while (reader->at < reader->end) {
		size_t n = utf8_length((const unsigned char *)reader->at, (size_t)(reader->end - reader->at));
		if (n == 0)
			return complain(reader, "save the file as UTF-8", "the file is not valid UTF-8");
		if (*reader->at == '\0')
			return complain(reader, "save the file as UTF-8", "the file holds the character NUL");
		for (size_t i = 0; i < n; i++)
			advance(reader);
	}
	return true;
}

static struct js *read_one(struct reader *reader)
{
	struct js *root = read_document(reader);
	if (root && skip_blanks(reader) && reader->at < reader->end)
		(void)complain(reader, "one document a file", "something follows the end of the document");
	return root;
}

static struct js *read_many(struct reader *reader)
{
	struct js *list = new_node(reader, JS_ARRAY);
	do {
		struct js *root = read_document(reader);
		if (!root)
			return NULL;
		js_add(list, NULL, root);
	} while (skip_blanks(reader) && reader->at < reader->end);
	return list;
}

static int read_with(struct js *(*read)(struct reader *reader), struct store *store, const char *file, const char *text,
		     size_t text_bytes, struct diag_list *diags, struct js **ret)
{
	if (text_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		text_bytes -= 3;
	}
	struct reader reader = {store, diags, file, text, text + text_bytes, 1, 1, 0, false};
	*ret = NULL;
	if (text_bytes >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
		diag_error(diags, (struct place){file, 1, 1},
			   "write it as UTF-8; in PowerShell: ... | Out-File -Encoding utf8 FILE",
			   "the file is UTF-16, as Windows PowerShell writes it");
		return 0;
	}
	if (text_bytes > JS_MAX_BYTES) {
		diag_error(diags, (struct place){file, 0, 0}, "import a part of it", "the file has more than 32 MiB");
		return 0;
	}
	if (is_sound(&reader)) {
		reader.at = text;
		reader.line = reader.column = 1;
		struct js *root = read(&reader);
		*ret = reader.wrong ? NULL : root;
	}
	return store->failed || diags->failed ? -ENOMEM : 0;
}

int js_read(struct store *store, const char *file, const char *text, size_t text_bytes, struct diag_list *diags,
	    struct js **ret)
{
	return read_with(read_one, store, file, text, text_bytes, diags, ret);
}

int js_read_documents(struct store *store, const char *file, const char *text, size_t text_bytes,
		      struct diag_list *diags, struct js **ret)
{
	return read_with(read_many, store, file, text, text_bytes, diags, ret);
}

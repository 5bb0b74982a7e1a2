/* The ledger: a head that says what work it is, a line for each case that is done, and a last line where the part is
 * complete. A line that was cut in the middle, since the machine stopped or the disk was full, is as if it were not there. */
#include "cli/work.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "pktpath-ledger 1\n"
#define END "end "

char *path_in(const char *directory, const char *name)
{
	char *path = NULL;
	return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

/* ---- fields ---- */

void ledger_put(FILE *out, const char *text)
{
	for (; text && *text; text++)
		if (*text == '\t')
			fputs("\\t", out);
		else if (*text == '\n')
			fputs("\\n", out);
		else if (*text == '\\')
			fputs("\\\\", out);
		else
			putc(*text, out);
}

void ledger_put_next(FILE *out, const char *text)
{
	putc('\t', out);
	ledger_put(out, text);
}

void ledger_put_maybe(FILE *out, const char *text)
{
	fputs(text ? "\t=" : "\t-", out);
	ledger_put(out, text);
}

char *ledger_text(const char *text)
{
	char *field = NULL;
	size_t bytes;
	FILE *out = open_memstream(&field, &bytes);
	if (!out)
		return NULL;
	ledger_put(out, text);
	return fclose(out) == 0 ? field : NULL;
}

char *ledger_take(char **record)
{
	char *field = *record;
	if (!field)
		return NULL;
	char *tab = strchr(field, '\t'), *to = field;
	*record = tab ? tab + 1 : NULL;
	if (tab)
		*tab = '\0';
	for (const char *from = field; *from; from++)
		if (*from != '\\' || !from[1])
			*to++ = *from;
		else
			*to++ = *++from == 't' ? '\t' : *from == 'n' ? '\n' : *from;
	*to = '\0';
	return field;
}

const char *ledger_take_maybe(char **record)
{
	const char *field = ledger_take(record);
	return field && *field == '=' ? field + 1 : NULL;
}

bool ledger_take_number(char **record, uint64_t max, uint64_t *ret)
{
	const char *field = ledger_take(record);
	return field && parse_number(field, max, ret);
}

/* ---- reading ---- */

static int slurp(const char *path, char **ret, size_t *ret_bytes)
{
	FILE *in = input_file(path);
	if (!in)
		return -errno;
	size_t capacity = 1 << 16, n = 0;
	char *text = malloc(capacity);
	while (text) {
		n += fread(text + n, 1, capacity - n - 1, in);
		if (n < capacity - 1)
			break;
		char *grown = realloc(text, capacity *= 2);
		if (!grown)
			free(text);
		text = grown;
	}
	int r = !text ? -ENOMEM : ferror(in) ? -EIO : 0;
	(void)fclose(in);
	if (r < 0) {
		free(text);
		return r;
	}
	text[n] = '\0';
	*ret = text;
	*ret_bytes = n;
	return 0;
}

/* "kind sweep\n": what stands behind the word. */
static char *head_line(char **at, const char *word)
{
	size_t n = strlen(word);
	char *end = strchr(*at, '\n');
	if (!end || strncmp(*at, word, n) != 0 || (*at)[n] != ' ')
		return NULL;
	char *value = *at + n + 1;
	*end = '\0';
	*at = end + 1;
	return value;
}

static bool read_head(struct ledger *ledger, char **at)
{
	unsigned long long index, count, cases;
	if (strncmp(*at, FIRST_LINE, sizeof FIRST_LINE - 1) != 0)
		return false;
	*at += sizeof FIRST_LINE - 1;
	char *kind = head_line(at, "kind"), *shard = head_line(at, "shard"), *n = head_line(at, "cases");
	char *end = kind && shard && n ? strstr(*at, "\n\n") : NULL;
	if (!end || sscanf(shard, "%llu/%llu", &index, &count) != 2 || sscanf(n, "%llu", &cases) != 1)
		return false;
	ledger->kind = kind;
	ledger->shard = (struct shard){index, count};
	ledger->n_cases = cases;
	ledger->plan = *at;
	end[1] = '\0';
	*at = end + 2;
	return true;
}

static bool read_lines(struct ledger *ledger, char *at)
{
	size_t capacity = 0;
	for (char *end; (end = strchr(at, '\n')); at = end + 1) {
		char *tab = memchr(at, '\t', (size_t)(end - at));
		*end = '\0';
		ledger->complete = !tab && strncmp(at, END, sizeof END - 1) == 0;
		ledger->good_bytes = (size_t)(at - ledger->text);
		if (ledger->complete)
			return true;
		ledger->good_bytes = (size_t)(end + 1 - ledger->text);
		if (!tab)
			continue;
		if (ledger->n == capacity) {
			capacity = capacity ? 2 * capacity : 256;
			struct ledger_line *grown = realloc(ledger->lines, capacity * sizeof *grown);
			if (!grown)
				return false;
			ledger->lines = grown;
		}
		*tab = '\0';
		ledger->lines[ledger->n++] = (struct ledger_line){at, tab + 1};
	}
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct ledger_line *)a)->name, ((const struct ledger_line *)b)->name);
}

int ledger_read(const char *directory, struct ledger *ret)
{
	*ret = (struct ledger){0};
	char *path = path_in(directory, LEDGER_NAME);
	int r = path ? slurp(path, &ret->text, &ret->bytes) : -ENOMEM;
	free(path);
	if (r < 0)
		return r;
	if (ret->bytes == 0) { /* of a program that was killed before it wrote the head */
		ledger_free(ret);
		return -ENOENT;
	}
	char *at = ret->text;
	if (!read_head(ret, &at)) {
		ledger_free(ret);
		return 1;
	}
	ret->good_bytes = (size_t)(at - ret->text);
	if (!read_lines(ret, at))
		return -ENOMEM;
	if (ret->n > 0)
		qsort(ret->lines, ret->n, sizeof *ret->lines, by_name);
	return 0;
}

void ledger_free(struct ledger *ledger)
{
	free(ledger->lines);
	free(ledger->text);
	*ledger = (struct ledger){0};
}

struct ledger_line *ledger_find(struct ledger *ledger, const char *name)
{
	struct ledger_line key = {.name = (char *)(uintptr_t)name};
	return ledger->n ? bsearch(&key, ledger->lines, ledger->n, sizeof key, by_name) : NULL;
}

/* ---- writing ---- */

void ledger_print_head(FILE *out, const struct work *work)
{
	fprintf(out, FIRST_LINE "kind %s\nshard %" PRIu64 "/%" PRIu64 "\ncases %zu\n%s\n", work->kind,
		work->options.shard.index, work->options.shard.count, work->n, work->plan);
}

struct whole {
	const struct work *work;
	const struct records *records;
};

static int print_ledger(FILE *out, const void *context)
{
	const struct whole *whole = context;
	const struct work *work = whole->work;
	size_t n = 0;
	ledger_print_head(out, work);
	for (size_t i = 0; i < work->n; i++) {
		if (!whole->records->items[i])
			continue;
		char *name = work->name(work->context, i);
		if (!name)
			return -ENOMEM;
		fprintf(out, "%s\t%s\n", name, whole->records->items[i]);
		free(name);
		n++;
	}
	fprintf(out, END "%zu\n", n);
	return 0;
}

int ledger_write(const struct work *work, const struct records *records)
{
	char *path = path_in(work->directory, LEDGER_NAME);
	int status = path ? save_printed(path, print_ledger, &(struct whole){work, records}) : STATUS_SYSTEM;
	free(path);
	return status;
}

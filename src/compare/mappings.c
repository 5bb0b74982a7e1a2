/* Lines of nat.csv compared by column.
 *
 * DOC: lines stand in the order in which mappings ended, which is what may have changed. So both files are sorted by
 * what makes a mapping: its NAT, inside end point, destination and protocol. Where there are several of one kind, one
 * after the other, the first is compared with the first. */
#include "compare/mappings.h"
#include "compare/frame.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COLUMNS 16

struct text { /* a part of a line */
	const char *at;
	size_t n;
};

struct line {
	struct text values[MAX_COLUMNS]; /* as the file's heading has them */
	size_t number;
};

struct table {
	struct text heading[MAX_COLUMNS];
	size_t n_columns;
	struct line *lines;
	size_t n;
};

static struct text next_line(struct text *rest)
{
	const char *end = memchr(rest->at, '\n', rest->n);
	struct text line = {rest->at, !end ? rest->n : (size_t)(end - rest->at)};
	size_t used = line.n + (!end ? 0 : 1);
	rest->at += used;
	rest->n -= used;
	if (line.n > 0 && line.at[line.n - 1] == '\r') /* it went through another system */
		line.n--;
	return line;
}

static size_t split(struct text line, struct text values[static MAX_COLUMNS])
{
	size_t n = 0;
	for (; n < MAX_COLUMNS; n++) {
		const char *comma = memchr(line.at, ',', line.n);
		values[n] = (struct text){line.at, !comma ? line.n : (size_t)(comma - line.at)};
		if (!comma)
			return n + 1;
		line.n -= values[n].n + 1;
		line.at = comma + 1;
	}
	return n;
}

static int read_table(const char *data, size_t n_bytes, struct table *ret)
{
	struct text rest = {data, n_bytes};
	size_t capacity = 1;
	for (size_t i = 0; i < n_bytes; i++)
		capacity += data[i] == '\n';
	*ret = (struct table){.lines = calloc(capacity, sizeof(*ret->lines))};
	ret->n_columns = split(next_line(&rest), ret->heading);
	if (!ret->lines)
		return -ENOMEM;
	while (rest.n > 0) {
		struct text line = next_line(&rest);
		if (line.n == 0)
			continue;
		ret->lines[ret->n].number = ret->n;
		(void)split(line, ret->lines[ret->n++].values);
	}
	return 0;
}

/* ---- columns ---- */

enum column_use { COLUMN_KEY, COLUMN_VALUE, COLUMN_TIME };
enum { COLUMN_NAT, COLUMN_INSIDE, COLUMN_DESTINATION, COLUMN_PROTOCOL, COLUMN_OUTSIDE };
static const struct {
	const char *name;
	enum column_use use;
	bool port;
} columns[] = {
	[COLUMN_NAT] = {"nat", COLUMN_KEY, false},
	[COLUMN_INSIDE] = {"inside", COLUMN_KEY, true},
	[COLUMN_DESTINATION] = {"destination", COLUMN_KEY, true},
	[COLUMN_PROTOCOL] = {"protocol", COLUMN_KEY, false},
	[COLUMN_OUTSIDE] = {"outside", COLUMN_VALUE, true},
	{"created", COLUMN_TIME, false},
	{"last_used", COLUMN_TIME, false},
	{"ended", COLUMN_TIME, false},
	{"why", COLUMN_VALUE, false},
	{"packets", COLUMN_VALUE, false},
	{"bytes", COLUMN_VALUE, false},
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* The value of a column of the list above; empty where the file has no such column. */
static struct text value_of(const struct table *table, const struct line *line, size_t column)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (table->heading[i].n == strlen(columns[column].name) &&
		    memcmp(table->heading[i].at, columns[column].name, table->heading[i].n) == 0)
			return line->values[i];
	return (struct text){"", 0};
}

/* As it is compared: without its port where ports are ignored. */
static struct text compared(const struct table *table, const struct line *line, size_t column, unsigned ignore)
{
	struct text value = value_of(table, line, column);
	const char *colon = columns[column].port && (ignore & COMPARE_IGNORE_PORTS) != 0 && value.n > 0
				    ? memchr(value.at, ':', value.n)
				    : NULL;
	return !colon ? value : (struct text){value.at, (size_t)(colon - value.at)};
}

static int order_text(struct text a, struct text b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n == 0 ? 0 : memcmp(a.at, b.at, n);
	return r != 0 ? r : (a.n > b.n) - (a.n < b.n);
}

struct order { /* how lines of a table are sorted */
	const struct table *table;
	unsigned ignore;
};

static int order_keys(const struct table *table_a, const struct line *a, const struct table *table_b,
		      const struct line *b, unsigned ignore)
{
	for (size_t i = 0; i < N_COLUMNS; i++) {
		int r = columns[i].use == COLUMN_KEY
				? order_text(compared(table_a, a, i, ignore), compared(table_b, b, i, ignore))
				: 0;
		if (r != 0)
			return r;
	}
	return 0;
}

static int order_lines(const void *a, const void *b, void *context)
{
	const struct order *order = context;
	const struct line *line_a = a, *line_b = b;
	int r = order_keys(order->table, line_a, order->table, line_b, order->ignore);
	return r != 0 ? r : (line_a->number > line_b->number) - (line_a->number < line_b->number);
}

static void sort_table(struct table *table, unsigned ignore)
{
	struct order order = {table, ignore};
	qsort_r(table->lines, table->n, sizeof(*table->lines), order_lines, &order);
}

/* ---- telling ---- */

static int show(struct difference_list *list, size_t first, const struct table *table, const struct line *line,
		const char *field, struct text before, struct text after)
{
	struct text nat = value_of(table, line, COLUMN_NAT), inside = value_of(table, line, COLUMN_INSIDE);
	struct text destination = value_of(table, line, COLUMN_DESTINATION),
		    protocol = value_of(table, line, COLUMN_PROTOCOL);
	const char *point = arena_strndup(list->arena, nat.at, nat.n);
	struct difference like = {.kind = DIFFERENCE_MAPPING, .point = point, .field = field}, *difference;
	bool tell_it;
	int r = !point ? -ENOMEM : difference_add(list, first, &like, &difference, &tell_it);
	if (r < 0 || !tell_it)
		return r;
	difference->what = arena_printf(list->arena, "mapping %.*s %.*s to %.*s", (int)protocol.n, protocol.at,
					(int)inside.n, inside.at, (int)destination.n, destination.at);
	difference->before = arena_strndup(list->arena, before.at, before.n);
	difference->after = arena_strndup(list->arena, after.at, after.n);
	return !difference->what || !difference->before || !difference->after ? -ENOMEM : 0;
}

static int compare_lines(struct difference_list *list, size_t first, const struct table *table_a, const struct line *a,
			 const struct table *table_b, const struct line *b, unsigned ignore)
{
	int r = 0;
	for (size_t i = 0; r == 0 && i < N_COLUMNS; i++) {
		if (columns[i].use == COLUMN_TIME && (ignore & COMPARE_IGNORE_TIME) != 0)
			continue;
		struct text before = compared(table_a, a, i, ignore), after = compared(table_b, b, i, ignore);
		if (order_text(before, after) != 0)
			r = show(list, first, table_b, b, columns[i].name, before, after);
	}
	return r;
}

static int merge(const struct table *a, const struct table *b, unsigned ignore, struct difference_list *list)
{
	const struct text none = {"", 0};
	size_t first = list->n, i = 0, k = 0;
	int r = 0;
	while (r == 0 && (i < a->n || k < b->n)) {
		int order = i == a->n ? 1 : (k == b->n ? -1 : order_keys(a, &a->lines[i], b, &b->lines[k], ignore));
		if (order < 0) {
			r = show(list, first, a, &a->lines[i], "gone", value_of(a, &a->lines[i], COLUMN_OUTSIDE), none);
			i++;
		} else if (order > 0) {
			r = show(list, first, b, &b->lines[k], "new", none, value_of(b, &b->lines[k], COLUMN_OUTSIDE));
			k++;
		} else {
			r = compare_lines(list, first, a, &a->lines[i++], b, &b->lines[k++], ignore);
		}
	}
	return r;
}

int compare_mappings(const char *a, size_t a_bytes, const char *b, size_t b_bytes, unsigned ignore,
		     struct difference_list *list)
{
	struct table table_a = {0}, table_b = {0};
	int r = read_table(a, a_bytes, &table_a);
	if (r == 0)
		r = read_table(b, b_bytes, &table_b);
	if (r == 0) {
		sort_table(&table_a, ignore);
		sort_table(&table_b, ignore);
		r = merge(&table_a, &table_b, ignore, list);
	}
	free(table_a.lines);
	free(table_b.lines);
	return r;
}

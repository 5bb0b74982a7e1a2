/* Errors and warnings on stderr, each with its place, its line and a hint.
 *
 * DOC: an error that has the same message at several places is printed once, with its other places: a name that is
 * wrong where it is given is unknown wherever it is used. Warnings that differ in their quoted names alone are of one
 * kind and make one list. */
#include "cli/cli.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define FEW 2        /* warnings of a kind that are printed one by one */
#define PLACES_MAX 8 /* of a kind that are listed; of a kind with more their number alone is */

/* What is said of many warnings of a kind, where a sentence of its own reads better. */
static const struct many {
	const char *kind;           /* its beginning */
	const char *before, *after; /* the number */
} manies[] = {
	{"rule ... of ... decided", "", " rules decided nothing"},
	{"rule ... of ... matched", "", " rules decided nothing"},
	{"route ... of ... took no", "", " routes took no packet"},
	{"no packet came from host", "no packet came near ", " hosts"},
	{"security group ... is on no", "", " security groups are on no subnet and no NIC"},
	{"route table ... is on no", "", " route tables are on no subnet"},
};

void vprint_error(const char *who, const char *format, va_list args)
{
	struct paint paint = paint_for(stderr);
	flush_output();
	fprintf(stderr, "%s%s:%s %serror%s: ", paint.bold, who, paint.off, paint.bad, paint.off);
	vfprintf(stderr, format, args);
	putc('\n', stderr);
}

void print_error(const char *who, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vprint_error(who, format, args);
	va_end(args);
}

/* ---- kinds ---- */

struct item {
	const pp_diagnostic *d;
	char *kind;    /* its message; of a warning without what stands in `...`, of an unknown name that name */
	size_t index;  /* in the list */
	size_t n_kind; /* of its kind; 0: an earlier item stands for it */
};

/* "rule `a` of `b`" is "rule ... of ...". */
static char *kind_of(const pp_diagnostic *d)
{
	struct text text;
	FILE *out = text_begin(&text);
	if (!out)
		return NULL;
	const char *name = d->error && strncmp(d->message, "unknown ", 8) == 0 ? strchr(d->message, '`') : NULL;
	for (const char *at = name ? name : d->message; *at;) {
		size_t n = d->error ? strlen(at) : strcspn(at, "`");
		const char *end = at[n] ? strchr(at + n + 1, '`') : NULL;
		fprintf(out, "%.*s%s", (int)n, at, end ? "..." : "");
		at = end ? end + 1 : at + n + (at[n] != '\0');
	}
	return text_end(&text);
}

static int by_kind(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	if (x->d->error != y->d->error)
		return x->d->error ? -1 : 1;
	int order = strcmp(x->kind, y->kind);
	return order != 0 ? order : x->index < y->index ? -1 : 1;
}

static int by_index(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	return x->index < y->index ? -1 : 1;
}

static bool alike(const struct item *a, const struct item *b)
{
	return a->d->error == b->d->error && strcmp(a->kind, b->kind) == 0;
}

/* Counts each kind. Few warnings of a kind stand for themselves. */
static void count_kinds(struct item *items, size_t n, bool all)
{
	qsort(items, n, sizeof *items, by_kind);
	for (size_t i = 0, next; i < n; i = next) {
		for (next = i + 1; next < n && alike(&items[i], &items[next]); next++)
			;
		bool apart = !items[i].d->error && (all || next - i <= FEW);
		for (size_t k = i; k < next; k++)
			items[k].n_kind = apart ? 1 : k == i ? next - i : 0;
	}
	qsort(items, n, sizeof *items, by_index);
}

/* ---- printing ---- */

static void print_place(const pp_diagnostic *d)
{
	if (d->file)
		fputs(d->file, stderr);
	if (d->line)
		fprintf(stderr, "%s%" PRIu32 ":%" PRIu32, d->file ? ":" : "", d->line, d->column);
}

static void print_one(const pp_diagnostic *d)
{
	struct paint paint = paint_for(stderr);
	bool placed = d->file || d->line;
	fputs(paint.bold, stderr);
	print_place(d);
	fprintf(stderr, "%s%s%s%s%s%s: %s%s%s%s\n", placed ? ":" : "", paint.off, placed ? " " : "",
		d->error ? paint.bad : paint.bold, d->error ? "error" : "warning", paint.off, d->message,
		d->made_from ? " (from " : "", d->made_from ? d->made_from : "", d->made_from ? ")" : "");
	if (d->excerpt)
		fputs(d->excerpt, stderr);
	if (d->hint)
		print_hint("%s", d->hint);
}

/* The quoted names of a message: "deny-rest, database". */
static void print_names(const char *message)
{
	const char *before = "  ", *end;
	for (const char *at = strchr(message, '`'); at && (end = strchr(at + 1, '`')); at = strchr(end + 1, '`')) {
		fprintf(stderr, "%s%.*s", before, (int)(end - at - 1), at + 1);
		before = ", ";
	}
}

/* The places of those of the kind of items[i] that stand behind it, as `print` prints each. */
static void print_rest(const struct item *items, size_t n, size_t i, size_t from,
		       void (*print)(const pp_diagnostic *d, size_t index))
{
	size_t n_printed = 0;
	for (size_t k = from; k < n && n_printed < PLACES_MAX; k++)
		if (alike(&items[i], &items[k]))
			print(items[k].d, n_printed++);
	size_t n_left = items[i].n_kind - (from - i) - n_printed;
	if (n_left > 0)
		fprintf(stderr, "%sand %zu more\n", items[i].d->error ? " " : "  ", n_left);
	else if (items[i].d->error)
		putc('\n', stderr);
}

static void print_member(const pp_diagnostic *d, size_t index)
{
	(void)index;
	fputs("  ", stderr);
	print_place(d);
	print_names(d->message);
	putc('\n', stderr);
}

static void print_further(const pp_diagnostic *d, size_t index)
{
	fputs(index > 0 ? ", " : "the same at ", stderr);
	print_place(d);
}

/* "90 rules decided nothing: `pktpath run --warnings one.yaml` lists them". */
static void print_number(const struct item *item, const struct lister *lister, const struct paint *paint)
{
	const char *before = "", *after = NULL;
	for (size_t i = 0; !after && i < sizeof manies / sizeof *manies; i++)
		if (strncmp(item->kind, manies[i].kind, strlen(manies[i].kind)) == 0) {
			before = manies[i].before;
			after = manies[i].after;
		}
	fprintf(stderr, "%swarning%s: %s%zu%s%s: `", paint->bold, paint->off, before, item->n_kind,
		after ? after : " times: ", after ? "" : item->kind);
	print_program(stderr);
	fprintf(stderr, " %s --warnings ", lister->command);
	print_word(stderr, lister->path);
	fputs("` lists them\n", stderr);
}

static void print_item(const struct item *items, size_t n, size_t i, const struct lister *lister)
{
	struct paint paint = paint_for(stderr);
	const struct item *item = &items[i];
	if (!item->d->error && item->n_kind > PLACES_MAX) {
		print_number(item, lister, &paint);
		return;
	}
	if (!item->d->error && item->n_kind > FEW) {
		fprintf(stderr, "%swarning%s: %zu times: %s\n", paint.bold, paint.off, item->n_kind, item->kind);
		print_rest(items, n, i, i, print_member);
		return;
	}
	print_one(item->d);
	if (item->n_kind > 1)
		print_rest(items, n, i, i + 1, print_further);
}

/* Returns how many errors were printed. */
static size_t print_items(struct item *items, size_t n, enum warnings warnings, const struct lister *lister)
{
	size_t n_errors = 0;
	count_kinds(items, n, warnings == WARNINGS_ALL);
	for (size_t i = 0; i < n; i++) {
		if (items[i].n_kind == 0)
			continue;
		print_item(items, n, i, lister);
		n_errors += items[i].d->error;
	}
	return n_errors;
}

size_t print_diagnostic_list(const pp_diagnostic *list, size_t n, enum warnings warnings, const struct lister *lister)
{
	struct item *items = calloc(n + 1, sizeof *items);
	size_t n_items = 0, n_errors = 0;
	bool whole = items;
	for (size_t i = 0; whole && i < n; i++) {
		if (warnings == WARNINGS_NONE && !list[i].error)
			continue;
		items[n_items] = (struct item){.d = &list[i], .kind = kind_of(&list[i]), .index = i};
		whole = items[n_items++].kind;
	}
	if (n_items > 0)
		flush_output();
	if (whole)
		n_errors = print_items(items, n_items, warnings, lister);
	else if (!items)
		(void)say_short_memory();
	for (size_t i = 0; i < n_items; i++)
		free(items[i].kind);
	free(items);
	return n_errors;
}

void print_diagnostics(const pp_scenario *scenario, const char *path, enum warnings warnings)
{
	size_t n = pp_scenario_n_diagnostics(scenario);
	pp_diagnostic *list = calloc(n + 1, sizeof *list);
	if (!list) {
		(void)say_short_memory();
		return;
	}
	for (size_t i = 0; i < n; i++)
		pp_scenario_diagnostic(scenario, i, &list[i]);
	size_t n_errors = print_diagnostic_list(list, n, warnings, &(struct lister){"check", path});
	if (n_errors > 0)
		fprintf(stderr, "%s: %zu error%s\n", strcmp(path, "-") == 0 ? STANDARD_INPUT_NAME : path, n_errors,
			n_errors == 1 ? "" : "s");
	free(list);
}

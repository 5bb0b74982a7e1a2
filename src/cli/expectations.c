/* What was expected and what came, a line each, in columns; of what failed more.
 *
 * DOC: an expectation that holds is a row: its name, what came, who called. Where a terminal is too narrow for the
 * three, who called stands below what came, in all rows alike. A row that is too long by itself is broken. */
#include "cli/cli.h"
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NAME_COLUMN_MAX 36
#define ACTUAL_COLUMN_MAX 52
#define ACTUAL_COLUMN_MIN 40 /* on a narrow terminal names leave at least this */
#define VERDICT_COLUMNS 8    /* "  pass  " */

struct columns {
	int name,
		/* as wide as what stands in them; what is very long sticks out instead of pushing all others to the
		 * right */
		actual;
	int width;   /* of the terminal; INT_MAX where it has none */
	bool beside; /* who called stands beside what came */
};

static int wider(int width, const char *text, int max)
{
	size_t n = (size_t)text_columns(text);
	return n > (size_t)width && n <= (size_t)max ? (int)n : width;
}

/* printf() counts bytes: so many fill a column. */
static int padded(const char *text, int columns)
{
	return columns + (int)strlen(text) - text_columns(text);
}

/* Where what came begins. */
static int start_of_actual(const struct columns *columns)
{
	return VERDICT_COLUMNS + columns->name + 2;
}

static struct columns measure_rows(size_t n, void (*row)(const pp_run *run, size_t index, pp_expectation *ret),
				   const pp_run *run)
{
	int width = columns_of(stdout), name_max = NAME_COLUMN_MAX;
	struct columns columns = {.width = width == COLUMNS_UNKNOWN ? INT_MAX : width};
	size_t widest = 0;
	if (columns.width - ACTUAL_COLUMN_MIN - VERDICT_COLUMNS - 2 < name_max)
		name_max = columns.width - ACTUAL_COLUMN_MIN - VERDICT_COLUMNS - 2;
	for (size_t i = 0; i < n; i++) {
		pp_expectation e;
		row(run, i, &e);
		columns.name = wider(columns.name, e.name, name_max);
		if (!e.pass || !e.where)
			continue;
		columns.actual = wider(columns.actual, e.actual, ACTUAL_COLUMN_MAX);
		widest = strlen(e.where) > widest ? strlen(e.where) : widest;
	}
	columns.beside = start_of_actual(&columns) + columns.actual + 2 + (int)widest <= columns.width;
	return columns;
}

static struct columns measure(const pp_run *run)
{
	return measure_rows(pp_run_n_expectations(run), pp_run_expectation, run);
}

static bool row_fits(const pp_expectation *e, const struct columns *columns)
{
	size_t name = (size_t)text_columns(e->name), actual = strlen(e->actual),
	       where = e->where ? strlen(e->where) + 2 : 0;
	name = name > (size_t)columns->name ? name : (size_t)columns->name;
	actual = e->where && actual < (size_t)columns->actual ? (size_t)columns->actual : actual;
	return VERDICT_COLUMNS + name + 2 + actual + where <= (size_t)columns->width && (columns->beside || !e->where);
}

static void print_row(const pp_expectation *e, const struct paint *paint, const struct columns *columns)
{
	if (e->where)
		printf("  %-*s  %s%s%s\n", columns->actual, e->actual, paint->dim, e->where, paint->off);
	else
		printf("  %s\n", e->actual);
}

static void print_lines(const pp_expectation *e, const struct paint *paint, const struct columns *columns)
{
	struct lines lines = lines_at(stdout, start_of_actual(columns));
	if (text_columns(e->name) > columns->name)
		lines_break(&lines);
	else
		fputs("  ", stdout);
	lines_put(&lines, "", e->actual);
	if (e->where) {
		lines_break(&lines);
		lines_put(&lines, paint->dim, e->where);
	}
	lines_end(&lines);
}

static void print_columns(const pp_expectation *e, const struct paint *paint, const struct columns *columns)
{
	if (row_fits(e, columns))
		print_row(e, paint, columns);
	else
		print_lines(e, paint, columns);
}

static void print_pass(const pp_expectation *e, const struct paint *paint, const struct columns *columns)
{
	printf("  %spass%s  %-*s", paint->good, paint->off, padded(e->name, columns->name), e->name);
	print_columns(e, paint, columns);
}

/* "expected: seen at api": on a terminal broken where it ends, and indented. */
void print_labelled(FILE *out, const char *indent, const char *label, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0) {
		(void)say_short_memory();
		return;
	}
	int column = fprintf(out, "%s%-10s", indent, label);
	if (columns_of(out) == COLUMNS_UNKNOWN) {
		fprintf(out, "%s\n", text); /* every space of it */
	} else {
		struct lines lines = lines_at(out, column);
		lines_put(&lines, "", text);
		lines_end(&lines);
	}
	free(text);
}

/* The first expectation that failed by this cause, among those before `end`; NULL where none did. */
static const char *first_with_cause(const pp_run *run, const char *what, size_t end)
{
	pp_expectation earlier;
	for (size_t i = 0; what && i < end; i++) {
		pp_run_expectation(run, i, &earlier);
		if (!earlier.pass && earlier.cause.what && strcmp(earlier.cause.what, what) == 0)
			return earlier.name;
	}
	return NULL;
}

const char *same_cause_before(const pp_run *run, size_t index)
{
	pp_expectation e;
	pp_run_expectation(run, index, &e);
	return first_with_cause(run, e.cause.what, index);
}

const char *expectation_with_cause(const pp_run *run, const char *what)
{
	pp_summary s;
	pp_run_summary(run, &s);
	return first_with_cause(run, what, s.passed + s.failed);
}

void print_failure(FILE *out, const pp_expectation *e, const char *like, const char *directory, const char *indent)
{
	if (e->file && e->line && e->made_from)
		fprintf(out, "%s:%u:%u (from %s)\n", e->file, e->line, e->column, e->made_from);
	else if (e->file && e->line)
		fprintf(out, "%s:%u:%u\n", e->file, e->line, e->column);
	else
		fprintf(out, "%s\n", e->file ? e->file : "");
	print_labelled(out, indent, "expected:", "%s", e->expected);
	print_labelled(out, indent, "actual:", "%s", e->actual);
	if (e->where)
		print_labelled(out, indent, "caller:", "%s", e->where);
	if (e->because)
		print_labelled(out, indent, "because:", "%s", e->because);
	if (e->cause.what && like)
		print_labelled(out, indent, "cause:", "as of %s above", like);
	if (e->cause.what && !like)
		print_labelled(out, indent, "cause:", "%s", e->cause.what);
	if (e->cause.what && !like && *e->cause.helps)
		print_labelled(out, indent, "helps:", "%s", e->cause.helps);
	if (e->rule_file && e->rule_line)
		print_labelled(out, indent, "rule:", "%s:%u:%u%s%s%s", e->rule_file, e->rule_line, e->rule_column,
			       e->rule_made_from ? " (from " : "", e->rule_made_from ? e->rule_made_from : "",
			       e->rule_made_from ? ")" : "");
	/* A command to be copied stays in one line. */
	if (e->flow && e->capture && directory)
		fprintf(out, "%spacket:   tshark -r %s/%s -Y 'frame.packet_id == %" PRIu64 "'\n", indent, directory,
			e->capture, e->packet);
	else if (e->flow)
		print_labelled(out, indent, "packet:", "number %" PRIu64 " of %s", e->packet, e->flow);
}

static void print_fail(const pp_expectation *e, const char *like, const struct paint *paint, const char *directory,
		       const struct columns *columns)
{
	int name = text_columns(e->name) > columns->name ? text_columns(e->name) : columns->name;
	char line[32];
	int place = e->file ? text_columns(e->file) + snprintf(line, sizeof line, ":%u:%u", e->line, e->column) : 0;
	/* Where it stands has a line of its own below a name that is too long. */
	if (columns->width - VERDICT_COLUMNS - name - 2 < place)
		printf("  %sFAIL%s  %s\n%*s", paint->bad, paint->off, e->name, VERDICT_COLUMNS, "");
	else
		printf("  %sFAIL%s  %-*s  ", paint->bad, paint->off, padded(e->name, columns->name), e->name);
	print_failure(stdout, e, like, directory, "        ");
}

void print_expectations(const pp_run *run, bool quiet)
{
	struct paint paint = paint_for(stdout);
	struct columns columns = measure(run);
	pp_summary s;
	pp_run_summary(run, &s);
	for (size_t i = 0; i < pp_run_n_expectations(run); i++) {
		pp_expectation e;
		pp_run_expectation(run, i, &e);
		if (!e.pass)
			print_fail(&e, same_cause_before(run, i), &paint, s.directory, &columns);
		else if (!quiet)
			print_pass(&e, &paint, &columns);
	}
}

/* A flow as a row of the same table, without a verdict. */
static void outcome_row(const pp_run *run, size_t index, pp_expectation *ret)
{
	pp_outcome outcome;
	pp_run_outcome(run, index, &outcome);
	*ret = (pp_expectation){.pass = true, .name = outcome.flow, .actual = outcome.actual, .where = outcome.where};
}

/* Of a flow that was not delivered, once for all flows that have it in common. */
static void print_cause_of_flow(const pp_run *run, size_t index)
{
	pp_outcome outcome, earlier;
	pp_run_outcome(run, index, &outcome);
	if (!outcome.cause.what)
		return;
	for (size_t i = 0; i < index; i++) {
		pp_run_outcome(run, i, &earlier);
		if (earlier.cause.what && strcmp(earlier.cause.what, outcome.cause.what) == 0) {
			print_labelled(stdout, "        ", "cause:", "as of %s above", earlier.flow);
			return;
		}
	}
	print_labelled(stdout, "        ", "cause:", "%s", outcome.cause.what);
	print_labelled(stdout, "        ", "helps:", "%s", outcome.cause.helps);
}

void print_outcomes(const pp_run *run, size_t n)
{
	struct paint paint = paint_for(stdout);
	struct columns columns = measure_rows(n, outcome_row, run);
	for (size_t i = 0; i < n; i++) {
		pp_expectation e;
		outcome_row(run, i, &e);
		printf("  flow  %-*s", padded(e.name, columns.name), e.name);
		print_columns(&e, &paint, &columns);
		print_cause_of_flow(run, i);
	}
}

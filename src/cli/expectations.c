/* What was expected and what came, a line each, in columns; of what failed more. */
#include "cli/cli.h"
#include <inttypes.h>
#include <string.h>

#define NAME_COLUMN_MAX 36
#define ACTUAL_COLUMN_MAX 52

struct columns {
	int name, actual; /* as wide as what stands in them; what is very long sticks out instead of pushing all others to the right */
};

static int wider(int width, const char *text, int max)
{
	size_t n = strlen(text);
	return n > (size_t)width && n <= (size_t)max ? (int)n : width;
}

static struct columns measure(const pp_run *run)
{
	struct columns columns = {0, 0};
	for (size_t i = 0; i < pp_run_n_expectations(run); i++) {
		pp_expectation e;
		pp_run_expectation(run, i, &e);
		columns.name = wider(columns.name, e.name, NAME_COLUMN_MAX);
		if (e.pass && e.where)
			columns.actual = wider(columns.actual, e.actual, ACTUAL_COLUMN_MAX);
	}
	return columns;
}

static void print_pass(const pp_expectation *e, const struct paint *paint, struct columns columns)
{
	printf("  %spass%s  %-*s  ", paint->good, paint->off, columns.name, e->name);
	if (e->where)
		printf("%-*s  %s%s%s\n", columns.actual, e->actual, paint->dim, e->where, paint->off);
	else
		printf("%s\n", e->actual);
}

void print_failure(FILE *out, const pp_expectation *e, const char *directory, const char *indent)
{
	if (e->file && e->line)
		fprintf(out, "%s:%u:%u\n", e->file, e->line, e->column);
	else
		fprintf(out, "%s\n", e->file ? e->file : "");
	fprintf(out, "%sexpected: %s\n%sactual:   %s\n", indent, e->expected, indent, e->actual);
	if (e->where)
		fprintf(out, "%scaller:   %s\n", indent, e->where);
	if (e->because)
		fprintf(out, "%sbecause:  %s\n", indent, e->because);
	if (e->rule_file && e->rule_line)
		fprintf(out, "%srule:     %s:%u:%u\n", indent, e->rule_file, e->rule_line, e->rule_column);
	if (e->flow && e->capture && directory)
		fprintf(out, "%spacket:   tshark -r %s/%s -Y 'frame.packet_id == %" PRIu64 "'\n", indent, directory, e->capture, e->packet);
	else if (e->flow)
		fprintf(out, "%spacket:   number %" PRIu64 " of %s\n", indent, e->packet, e->flow);
}

static void print_fail(const pp_expectation *e, const struct paint *paint, const char *directory, struct columns columns)
{
	printf("  %sFAIL%s  %-*s  ", paint->bad, paint->off, columns.name, e->name);
	print_failure(stdout, e, directory, "        ");
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
			print_fail(&e, &paint, s.directory, columns);
		else if (!quiet)
			print_pass(&e, &paint, columns);
	}
}

/* The tables of a sweep: sweep.csv has a line for each run, summary.csv one for each combination and measure; find.json the answer to
 * --find with its evidence. Shares are decimal numbers, times nanoseconds. */
#include "cli/sweep.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void put_field(FILE *out, const char *text)
{
	if (!strpbrk(text, ",\"\n")) {
		fputs(text, out);
		return;
	}
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	putc('"', out);
}

static const char *unit_of(pp_measure_kind kind)
{
	return kind == PP_MEASURE_TIME ? "_ns" : "";
}

static void put_settings(FILE *out, const struct sweep *sweep, size_t combination)
{
	for (size_t i = 0; i < sweep->n_varies; i++) {
		put_field(out, sweep->varies[i].values[sweep_digit(sweep, combination, i)]);
		putc(',', out);
	}
}

static void put_paths(FILE *out, const struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->n_varies; i++) {
		put_field(out, sweep->varies[i].path);
		putc(',', out);
	}
}

static int put_run(FILE *out, const struct values *values, size_t run)
{
	const struct sweep *sweep = values->sweep;
	bool has_trouble = sweep_has_trouble(values, run);
	char *trouble = has_trouble ? sweep_trouble(values, run) : NULL;
	if (has_trouble && !trouble)
		return -ENOMEM;
	fprintf(out, "%zu,", run + 1);
	put_settings(out, sweep, (size_t)(run / sweep->n_seeds));
	fprintf(out, "%" PRIu64 ",", sweep->first_seed + run % sweep->n_seeds);
	put_field(out, trouble ? trouble : "");
	for (size_t i = 0; i < sweep->n_measures; i++) {
		struct value value = sweep_value(values, run, i);
		putc(',', out);
		print_value(out, sweep->measures[i].kind, &value);
	}
	putc('\n', out);
	free(trouble);
	return 0;
}

static int print_runs(FILE *out, const void *context)
{
	const struct values *values = context;
	const struct sweep *sweep = values->sweep;
	int r = 0;
	fputs("run,", out);
	put_paths(out, sweep);
	fputs("seed,trouble", out);
	for (size_t i = 0; i < sweep->n_measures; i++)
		fprintf(out, ",%s%s", sweep->measures[i].name, unit_of(sweep->measures[i].kind));
	putc('\n', out);
	for (size_t run = 0; r == 0 && run < values->records->n; run++)
		if (values->records->items[run])
			r = put_run(out, values, run);
	return r;
}

static void put_statistic(FILE *out, pp_measure_kind kind, int64_t value)
{
	putc(',', out);
	if (kind == PP_MEASURE_SHARE)
		print_share(out, value);
	else
		fprintf(out, "%" PRId64, value);
}

static int print_summary(FILE *out, const void *context)
{
	const struct values *values = context;
	const struct sweep *sweep = values->sweep;
	size_t n = sweep_n_combinations(sweep);
	put_paths(out, sweep);
	fputs("measure,runs,min,p5,p50,p95,p99,max,mean,part,whole,low,high\n", out);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sweep->n_measures; k++) {
			struct statistics s;
			pp_measure_kind kind = sweep->measures[k].kind;
			sweep_statistics(values, i, k, &s);
			put_settings(out, sweep, i);
			fprintf(out, "%s%s,%zu", sweep->measures[k].name, unit_of(kind), s.n);
			const int64_t numbers[] = {s.min, s.p5, s.p50, s.p95, s.p99, s.max, s.mean};
			for (size_t m = 0; m < sizeof numbers / sizeof *numbers; m++)
				if (s.n > 0)
					put_statistic(out, kind, numbers[m]);
				else
					putc(',', out);
			if (kind == PP_MEASURE_SHARE && s.whole > 0) {
				fprintf(out, ",%" PRIu64 ",%" PRIu64, s.part, s.whole);
				put_statistic(out, kind, s.low);
				put_statistic(out, kind, s.high);
			} else {
				fputs(",,,,", out);
			}
			putc('\n', out);
		}
	return 0;
}

static int print_json(FILE *out, const void *context)
{
	const struct values *values = context;
	const struct sweep *sweep = values->sweep;
	fputs("{\n  \"scenario\": ", out);
	print_json_text(out, sweep->scenario);
	fprintf(out, ",\n  \"combinations\": %zu,\n  \"seeds\": %" PRIu64 ",\n  \"runs\": %zu",
		sweep_n_combinations(sweep), sweep->n_seeds, sweep_n_combinations(sweep) * (size_t)sweep->n_seeds);
	if (sweep->find) {
		fputs(",\n  \"question\": ", out);
		print_json_text(out, sweep->find->text);
		fputs(",\n  \"answers\": [", out);
		print_find_json(out, values);
		fputs("\n  ]", out);
	}
	fputs("\n}\n", out);
	return 0;
}

void sweep_print_json(const struct values *values)
{
	(void)print_json(stdout, values);
}

/* ---- files ---- */

static int write_table(const struct work *work, const char *name, int (*print)(FILE *out, const void *context),
		       const struct values *values)
{
	char *path = path_in(work->directory, name);
	int status = path ? save_printed(path, print, values) : STATUS_SYSTEM;
	free(path);
	return status;
}

int sweep_write(const struct work *work, const struct records *records)
{
	struct sweep sweep;
	struct values values = {0};
	int status = sweep_parse_plan(work->plan, &sweep);
	if (status != STATUS_OK)
		return status;
	status = sweep_read_values(&sweep, records, &values);
	if (status == STATUS_OK)
		status = write_table(work, "sweep.csv", print_runs, &values);
	/* A part alone has no summary: it would be taken for the whole. */
	if (status == STATUS_OK && work->options.shard.count == 1)
		status = write_table(work, "summary.csv", print_summary, &values);
	if (status == STATUS_OK && work->options.shard.count == 1 && sweep.find)
		status = write_table(work, "find.json", print_json, &values);
	if (status == STATUS_OK && work->options.shard.count == 1)
		status = sweep_page(&sweep, &values, work->directory);
	values_free(&values);
	sweep_free(&sweep);
	return status;
}

/* ---- of a plan alone ---- */

static char *name_of_run(void *context, size_t i)
{
	return sweep_run_name(context, i);
}

static int plan(const char *text, struct work *ret)
{
	struct sweep *sweep = malloc(sizeof *sweep);
	int status = sweep ? sweep_parse_plan(text, sweep) : STATUS_SYSTEM;
	if (status != STATUS_OK) {
		free(sweep);
		return status;
	}
	ret->n = sweep_n_combinations(sweep) * (size_t)sweep->n_seeds;
	ret->name = name_of_run;
	ret->context = sweep;
	return STATUS_OK;
}

static void release(struct work *work)
{
	sweep_free(work->context);
	free(work->context);
}

const struct work_kind sweep_kind = {"sweep", sweep_write, plan, release};

/* A mutant's trial as a line of a ledger and back, the plan of all of them, and mutants.csv, which follows from both. */
#include "cli/mutate.h"
#include "cli/work.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const fate_names[MUTANT_FATE_COUNT] = {"killed", "idle", "refused", "SURVIVED", "listed", "unknown"};

const char *mutant_fate_name(enum mutant_fate fate)
{
	return fate_names[fate];
}

char *mutant_record(enum mutant_fate fate, const char *why)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	if (!out)
		return NULL;
	fputs(fate_names[fate], out);
	ledger_put_maybe(out, why);
	return fclose(out) == 0 ? text : NULL;
}

struct trial mutant_read_record(const char *record)
{
	struct trial trial = {MUTANT_UNKNOWN, NULL};
	char *copy = strdup(record), *at = copy;
	const char *fate = copy ? ledger_take(&at) : NULL, *why = ledger_take_maybe(&at);
	for (unsigned i = 0; fate && i < MUTANT_FATE_COUNT; i++)
		if (strcmp(fate, fate_names[i]) == 0)
			trial.fate = (enum mutant_fate)i;
	if (why)
		trial.why = strdup(why);
	free(copy);
	return trial;
}

char *mutant_case_name(const pp_mutant *mutant)
{
	char *plain = mutant_text(mutant), *text = plain ? ledger_text(plain) : NULL;
	free(plain);
	return text;
}

/* ---- the plan ---- */

char *mutants_print_plan(const pp_mutants *mutants, const char *name, const struct overrides *overrides,
			 const pp_scenario *scenario)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	uint64_t hash = digest_text(DIGEST_BEGIN, pp_version());
	if (!out)
		return NULL;
	bool good = digest_scenario(&hash, scenario, 0);
	hash = digest_overrides(hash, overrides);
	fputs("scenario", out);
	ledger_put_next(out, name);
	fprintf(out, "\t%016" PRIx64 "\n", hash);
	for (size_t i = 0; i < pp_mutants_n(mutants); i++) {
		pp_mutant m;
		pp_mutants_get(mutants, i, &m);
		fputs("mutant", out);
		ledger_put_next(out, m.path);
		ledger_put_next(out, m.from);
		ledger_put_next(out, m.to ? m.to : "");
		ledger_put_next(out, m.file ? m.file : "");
		fprintf(out, "\t%" PRIu32 "\n", m.line);
	}
	if (fclose(out) == 0 && good)
		return text;
	free(text);
	return NULL;
}

/* ---- the table ---- */

static void put_field(FILE *out, const char *text)
{
	putc('"', out);
	for (; text && *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text == '\n' ? ' ' : *text, out);
	}
	putc('"', out);
}

static void put_row(FILE *out, char *line, const char *record)
{
	struct trial trial = mutant_read_record(record);
	fputs(trial.fate == MUTANT_SURVIVED ? "survived" : fate_names[trial.fate], out);
	for (unsigned i = 0; i < 4; i++) { /* path, from, to, file */
		putc(',', out);
		put_field(out, ledger_take(&line));
	}
	const char *number = ledger_take(&line);
	fprintf(out, ",%s,", number ? number : "");
	put_field(out, trial.why);
	putc('\n', out);
	free(trial.why);
}

struct table {
	struct plan_lines plan; /* of mutants */
	const struct records *records;
};

static int print_table(FILE *out, const void *context)
{
	const struct table *table = context;
	fputs("fate,path,from,to,file,line,why\n", out);
	for (size_t i = 0; i < table->plan.n && i < table->records->n; i++)
		if (table->records->items[i])
			put_row(out, table->plan.items[i], table->records->items[i]);
	return 0;
}

static int write_table(const struct work *work, const struct records *records)
{
	struct table table = {.records = records};
	char *path = path_in(work->directory, "mutants.csv");
	int status = plan_lines_read(work->plan, "mutant", &table.plan);
	if (status == STATUS_OK)
		status = path ? save_printed(path, print_table, &table) : STATUS_SYSTEM;
	free(path);
	plan_lines_free(&table.plan);
	return status;
}

/* ---- of a plan alone ---- */

static char *name_of(void *context, size_t i)
{
	const struct plan_lines *mutants = context;
	char *copy = strdup(mutants->items[i]), *at = copy, *text = NULL;
	const char *path = copy ? ledger_take(&at) : NULL;
	(void)ledger_take(&at);
	const char *to = ledger_take(&at);
	size_t bytes;
	FILE *out = path && to ? open_memstream(&text, &bytes) : NULL;
	if (out) {
		ledger_put(out, path);
		putc('=', out);
		ledger_put(out, to);
		if (fclose(out) != 0)
			text = NULL;
	}
	free(copy);
	return text;
}

static int take_plan(const char *text, struct work *ret)
{
	struct plan_lines *mutants = malloc(sizeof *mutants);
	int status = mutants ? plan_lines_read(text, "mutant", mutants) : STATUS_SYSTEM;
	if (status != STATUS_OK) {
		free(mutants);
		return status;
	}
	ret->n = mutants->n;
	ret->name = name_of;
	ret->context = mutants;
	return STATUS_OK;
}

static void release(struct work *work)
{
	plan_lines_free(work->context);
	free(work->context);
}

const struct work_kind mutate_kind = {"mutate", write_table, take_plan, release};

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
	fputs(why ? "\t=" : "\t-", out);
	ledger_put(out, why);
	return fclose(out) == 0 ? text : NULL;
}

struct trial mutant_read_record(const char *record)
{
	struct trial trial = {MUTANT_UNKNOWN, NULL};
	char *copy = strdup(record), *at = copy;
	const char *fate = copy ? ledger_take(&at) : NULL, *why = ledger_take(&at);
	for (unsigned i = 0; fate && i < MUTANT_FATE_COUNT; i++)
		if (strcmp(fate, fate_names[i]) == 0)
			trial.fate = (enum mutant_fate)i;
	if (why && *why == '=')
		trial.why = strdup(why + 1);
	free(copy);
	return trial;
}

char *mutant_case_name(const pp_mutant *mutant)
{
	char *plain = mutant_text(mutant), *text = NULL;
	size_t bytes;
	FILE *out = plain ? open_memstream(&text, &bytes) : NULL;
	if (out) {
		ledger_put(out, plain);
		if (fclose(out) != 0)
			text = NULL;
	}
	free(plain);
	return text;
}

/* ---- the plan ---- */

static void put(FILE *out, const char *text)
{
	putc('\t', out);
	ledger_put(out, text);
}

static uint64_t digest_of(uint64_t hash, const char *text)
{
	for (; text && *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return (hash ^ 0xff) * UINT64_C(0x100000001b3);
}

static uint64_t digest_of_file(uint64_t hash, const char *path)
{
	FILE *in = input_file(path);
	for (int c; in && (c = getc(in)) != EOF;)
		hash = (hash ^ (unsigned char)c) * UINT64_C(0x100000001b3);
	if (in)
		(void)fclose(in);
	return hash;
}

char *mutants_print_plan(const pp_mutants *mutants, const char *name, const struct overrides *overrides,
			 const char *path)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	uint64_t hash = digest_of_file(digest_of(UINT64_C(0xcbf29ce484222325), pp_version()), path);
	if (!out)
		return NULL;
	for (size_t i = 0; i < overrides->n; i++)
		hash = digest_of(digest_of(hash, overrides->items[i].path), overrides->items[i].value);
	fputs("scenario", out);
	put(out, name);
	fprintf(out, "\t%016" PRIx64 "\n", hash);
	for (size_t i = 0; i < pp_mutants_n(mutants); i++) {
		pp_mutant m;
		pp_mutants_get(mutants, i, &m);
		fputs("mutant", out);
		put(out, m.path);
		put(out, m.from);
		put(out, m.to ? m.to : "");
		put(out, m.file ? m.file : "");
		fprintf(out, "\t%" PRIu32 "\n", m.line);
	}
	return fclose(out) == 0 ? text : NULL;
}

struct mutants_plan {
	char *text;
	char **lines; /* behind the word, into the text */
	size_t n;
};

static int parse_plan(const char *text, struct mutants_plan *ret)
{
	size_t n = 0;
	for (const char *at = text; *at; at++)
		n += *at == '\n';
	*ret = (struct mutants_plan){.text = strdup(text), .lines = calloc(n + 1, sizeof *ret->lines)};
	if (!ret->text || !ret->lines)
		return STATUS_SYSTEM;
	char *next = ret->text;
	for (char *line; (line = strsep(&next, "\n"));)
		if (strncmp(line, "mutant\t", 7) == 0)
			ret->lines[ret->n++] = line + 7;
	return STATUS_OK;
}

static void free_plan(struct mutants_plan *plan)
{
	free(plan->lines);
	free(plan->text);
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
	struct mutants_plan plan;
	const struct records *records;
};

static int print_table(FILE *out, const void *context)
{
	const struct table *table = context;
	fputs("fate,path,from,to,file,line,why\n", out);
	for (size_t i = 0; i < table->plan.n && i < table->records->n; i++)
		if (table->records->items[i])
			put_row(out, table->plan.lines[i], table->records->items[i]);
	return 0;
}

static int write_table(const struct work *work, const struct records *records)
{
	struct table table = {.records = records};
	char *path = path_in(work->directory, "mutants.csv");
	int status = parse_plan(work->plan, &table.plan);
	if (status == STATUS_OK)
		status = path ? save_printed(path, print_table, &table) : STATUS_SYSTEM;
	free(path);
	free_plan(&table.plan);
	return status;
}

/* ---- of a plan alone ---- */

static char *name_of(void *context, size_t i)
{
	const struct mutants_plan *plan = context;
	char *copy = strdup(plan->lines[i]), *at = copy, *text = NULL;
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
	struct mutants_plan *plan = malloc(sizeof *plan);
	int status = plan ? parse_plan(text, plan) : STATUS_SYSTEM;
	if (status != STATUS_OK) {
		free(plan);
		return status;
	}
	ret->n = plan->n;
	ret->name = name_of;
	ret->context = plan;
	return STATUS_OK;
}

static void release(struct work *work)
{
	free_plan(work->context);
	free(work->context);
}

const struct work_kind mutate_kind = {"mutate", write_table, take_plan, release};

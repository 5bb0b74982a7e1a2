/* The plan of a sweep as text, and the numbers of its runs. */
#include "cli/sweep.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_words[] = {
	[PP_MEASURE_COUNT] = "count", [PP_MEASURE_SHARE] = "share", [PP_MEASURE_TIME] = "time"};

char *sweep_print_plan(const struct sweep *sweep)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	if (!out)
		return NULL;
	fputs("scenario", out);
	ledger_put_next(out, sweep->scenario);
	ledger_put_next(out, sweep->digest);
	fprintf(out, "\nseeds\t%" PRIu64 "\t%" PRIu64 "\n", sweep->first_seed, sweep->n_seeds);
	for (size_t i = 0; i < sweep->n_varies; i++) {
		fputs("vary", out);
		ledger_put_next(out, sweep->varies[i].path);
		for (size_t k = 0; k < sweep->varies[i].n; k++)
			ledger_put_next(out, sweep->varies[i].values[k]);
		putc('\n', out);
	}
	for (size_t i = 0; i < sweep->n_measures; i++) {
		fputs("measure", out);
		ledger_put_next(out, sweep->measures[i].name);
		ledger_put_next(out, kind_words[sweep->measures[i].kind]);
		putc('\n', out);
	}
	if (sweep->find) {
		fprintf(out, "find\t%zu\t%zu\t%d\t%" PRId64, sweep->find->vary, sweep->find->measure,
			(int)sweep->find->compare, sweep->find->value);
		ledger_put_next(out, sweep->find->text);
		putc('\n', out);
	}
	return fclose(out) == 0 ? text : NULL;
}

/* ---- reading ---- */

/* False, as a line that cannot be read, and it is known why. */
static bool no_memory(struct sweep *sweep)
{
	sweep->is_short_of_memory = true;
	return false;
}

static bool take_vary(struct sweep *sweep, char *line)
{
	struct vary *grown = realloc(sweep->varies, (sweep->n_varies + 1) * sizeof *grown);
	if (!grown)
		return no_memory(sweep);
	sweep->varies = grown;
	struct vary *vary = &grown[sweep->n_varies++];
	size_t n = 1;
	for (const char *at = line; *at; at++)
		n += *at == '\t';
	const char *path = ledger_take(&line);
	*vary = (struct vary){strdup(path), calloc(n, sizeof *vary->values), 0};
	if (!vary->path || !vary->values)
		return no_memory(sweep);
	for (const char *value; (value = ledger_take(&line)); vary->n++)
		if (!(vary->values[vary->n] = strdup(value)))
			return no_memory(sweep);
	return true;
}

static bool take_measure(struct sweep *sweep, char *line)
{
	struct sweep_measure *grown = realloc(sweep->measures, (sweep->n_measures + 1) * sizeof *grown);
	if (!grown)
		return no_memory(sweep);
	sweep->measures = grown;
	const char *name = ledger_take(&line), *kind = ledger_take(&line);
	unsigned i = 0;
	while (kind && i < 3 && strcmp(kind, kind_words[i]) != 0)
		i++;
	grown[sweep->n_measures] = (struct sweep_measure){strdup(name), (pp_measure_kind)(i < 3 ? i : 0)};
	if (!grown[sweep->n_measures++].name)
		return no_memory(sweep);
	return kind && i < 3;
}

static bool take_find(struct sweep *sweep, char *line)
{
	int compare;
	long long value;
	size_t vary, measure;
	if (sscanf(line, "%zu\t%zu\t%d\t%lld", &vary, &measure, &compare, &value) != 4 || vary >= sweep->n_varies ||
	    measure >= sweep->n_measures || compare < 0 || compare >= FIND_COMPARE_COUNT)
		return false;
	for (int i = 0; i < 4; i++)
		(void)ledger_take(&line);
	const char *text = ledger_take(&line);
	sweep->find = malloc(sizeof *sweep->find);
	if (!sweep->find)
		return no_memory(sweep);
	*sweep->find = (struct find){vary, measure, (enum find_compare)compare, value, strdup(text ? text : "")};
	return sweep->find->text || no_memory(sweep);
}

static bool take_line(struct sweep *sweep, char *line)
{
	char *rest = line;
	const char *word = ledger_take(&rest);
	if (!rest)
		return false;
	if (strcmp(word, "vary") == 0)
		return take_vary(sweep, rest);
	if (strcmp(word, "measure") == 0)
		return take_measure(sweep, rest);
	if (strcmp(word, "find") == 0)
		return take_find(sweep, rest);
	if (strcmp(word, "seeds") == 0)
		return sscanf(rest, "%" SCNu64 "\t%" SCNu64, &sweep->first_seed, &sweep->n_seeds) == 2;
	if (strcmp(word, "scenario") != 0)
		return false;
	const char *name = ledger_take(&rest), *digest = ledger_take(&rest);
	sweep->scenario = strdup(name);
	sweep->digest = strdup(digest ? digest : "");
	return (sweep->scenario && sweep->digest) || no_memory(sweep);
}

int sweep_parse_plan(const char *plan, struct sweep *ret)
{
	char *copy = strdup(plan), *next = copy;
	*ret = (struct sweep){0};
	bool good = copy;
	for (char *line; good && (line = strsep(&next, "\n"));)
		good = *line == '\0' || take_line(ret, line);
	bool is_short = !copy || ret->is_short_of_memory;
	free(copy);
	if (good && ret->scenario && ret->n_seeds > 0)
		return STATUS_OK;
	if (is_short) {
		sweep_free(ret);
		fputs("pktpath: memory is short\n", stderr);
		return STATUS_SYSTEM;
	}
	fputs("pktpath: the plan of the sweep in its ledger cannot be read\nhint: another version of pktpath wrote it; "
	      "repeat the sweep\n",
	      stderr);
	sweep_free(ret);
	return STATUS_USAGE;
}

void sweep_free(struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->n_varies; i++)
		vary_free(&sweep->varies[i]);
	for (size_t i = 0; i < sweep->n_measures; i++)
		free(sweep->measures[i].name);
	free(sweep->varies);
	free(sweep->measures);
	free(sweep->scenario);
	free(sweep->digest);
	if (sweep->find)
		free(sweep->find->text);
	free(sweep->find);
	*sweep = (struct sweep){0};
}

/* ---- numbers ---- */

size_t sweep_n_combinations(const struct sweep *sweep)
{
	size_t n = 1;
	for (size_t i = 0; i < sweep->n_varies; i++)
		n *= sweep->varies[i].n;
	return n;
}

size_t sweep_digit(const struct sweep *sweep, size_t combination, size_t vary)
{
	for (size_t i = sweep->n_varies - 1; i > vary; i--)
		combination /= sweep->varies[i].n;
	return combination % sweep->varies[vary].n;
}

static char *name_of(const struct sweep *sweep, size_t combination, const uint64_t *seed)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	if (!out)
		return NULL;
	for (size_t i = 0; i < sweep->n_varies; i++) {
		const struct vary *vary = &sweep->varies[i];
		fputs(i > 0 ? " " : "", out);
		ledger_put(out, vary->path);
		putc('=', out);
		ledger_put(out, vary->values[sweep_digit(sweep, combination, i)]);
	}
	if (seed)
		fprintf(out, "%sseed=%" PRIu64, sweep->n_varies > 0 ? " " : "", *seed);
	return fclose(out) == 0 ? text : NULL;
}

char *sweep_run_name(const struct sweep *sweep, size_t run)
{
	uint64_t seed = sweep->first_seed + run % sweep->n_seeds;
	return name_of(sweep, (size_t)(run / sweep->n_seeds), &seed);
}

char *sweep_combination_name(const struct sweep *sweep, size_t combination)
{
	return name_of(sweep, combination, NULL);
}

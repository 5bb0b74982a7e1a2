/* --find "PATH such that METRIC CMP VALUE": the smallest value of a setting with which it holds, and why one may believe that.
 *
 * DOC: of a share (failed calls of all calls) the calls of all seeds are added up; it holds where the whole interval that has the
 * share in 95 of 100 cases is on the right side, fails where all of it is on the wrong side, and is open in between. Of any other
 * measure it holds where it holds with every seed. Every value of the setting is tried, so that it is seen where the measure is
 * not monotonic: where it holds with a value and fails again above it. */
#include "cli/sweep.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PARTS INT64_C(1000000000)
#define MIN_CALLS UINT64_C(30000)

static const char *const compare_words[FIND_COMPARE_COUNT] = {
	[FIND_LT] = "<", [FIND_LE] = "<=", [FIND_GT] = ">", [FIND_GE] = ">=", [FIND_EQ] = "==", [FIND_NE] = "!="};

/* ---- the question ---- */

static int bad_question(const struct command *command, const char *text)
{
	return usage_error(command,
			   "--find takes \"PATH such that METRIC CMP VALUE\", such as \"network.ases.one.workers such "
			   "that failed_share < "
			   "0.0001\", not `%s`",
			   text);
}

/* Cuts the next word off. */
static char *word(char **at)
{
	*at += strspn(*at, " ");
	char *begin = *at;
	*at += strcspn(*at, " ");
	if (**at)
		*(*at)++ = '\0';
	return begin;
}

static int measure_named(struct sweep *sweep, const char *name, size_t *ret)
{
	for (*ret = 0; *ret < sweep->n_measures; ++*ret)
		if (strcmp(sweep->measures[*ret].name, name) == 0)
			return STATUS_OK;
	struct sweep_measure *grown = realloc(sweep->measures, (sweep->n_measures + 1) * sizeof *grown);
	if (!grown)
		return STATUS_SYSTEM;
	sweep->measures = grown;
	grown[sweep->n_measures++] = (struct sweep_measure){strdup(name), PP_MEASURE_COUNT};
	return grown[sweep->n_measures - 1].name ? STATUS_OK : STATUS_SYSTEM;
}

int find_parse(const struct command *command, const char *text, struct sweep *sweep)
{
	char *copy = strdup(text), *at = copy;
	if (!copy)
		return STATUS_SYSTEM;
	const char *path = word(&at), *such = word(&at), *that = word(&at), *metric = word(&at), *compare = word(&at);
	at += strspn(at, " ");
	unsigned k = 0;
	while (k < FIND_COMPARE_COUNT && strcmp(compare, compare_words[k]) != 0)
		k++;
	int status = STATUS_OK;
	size_t i = 0, measure = 0;
	if (strcmp(such, "such") != 0 || strcmp(that, "that") != 0 || !*metric || k == FIND_COMPARE_COUNT || !*at)
		status = bad_question(command, text);
	while (status == STATUS_OK && i < sweep->n_varies && strcmp(sweep->varies[i].path, path) != 0)
		i++;
	if (status == STATUS_OK && i == sweep->n_varies)
		status = usage_error(command, "--find: no --vary says which values `%s` may have; add --vary %s=A..B",
				     path, path);
	if (status == STATUS_OK)
		status = measure_named(sweep, metric, &measure);
	if (status == STATUS_OK) {
		sweep->find = calloc(1, sizeof *sweep->find);
		if (sweep->find)
			*sweep->find = (struct find){i, measure, (enum find_compare)k, 0, strdup(text)};
		status = sweep->find && sweep->find->text ? STATUS_OK : STATUS_SYSTEM;
	}
	free(copy);
	return status;
}

/* "0.0001", "0.01%", "1/10000" in parts of 10^9. */
static bool read_share(const char *text, int64_t *ret)
{
	unsigned long long part, whole;
	char more;
	if (sscanf(text, "%llu/%llu%c", &part, &whole, &more) == 2) {
		*ret = whole && part <= whole && whole <= 1000000000 ? (int64_t)(part * (uint64_t)PARTS / whole) : -1;
		return *ret >= 0;
	}
	int64_t value = 0, unit = PARTS;
	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9' && value <= 1000; text++)
		value = value * 10 + (*text - '0');
	value = value > 1000 ? 1000 * PARTS : value * PARTS;
	if (*text == '.')
		for (text++; *text >= '0' && *text <= '9'; text++)
			value += (*text - '0') * (unit /= 10);
	bool percent = *text == '%';
	*ret = percent ? value / 100 : value;
	return text[percent] == '\0' && *ret <= PARTS;
}

int find_value_of(const struct command *command, struct sweep *sweep)
{
	struct find *find = sweep->find;
	const struct sweep_measure *measure = &sweep->measures[find->measure];
	const char *text = strrchr(find->text, ' ') ? strrchr(find->text, ' ') + 1 : find->text;
	uint64_t number;
	switch (measure->kind) {
	case PP_MEASURE_SHARE:
		if (read_share(text, &find->value))
			return STATUS_OK;
		return usage_error(command,
				   "--find: `%s` is a share; compare it with 0.0001, 0.01%% or 1/10000, not `%s`",
				   measure->name, text);
	case PP_MEASURE_TIME:
		if (pp_parse_duration(text, &find->value) == 0)
			return STATUS_OK;
		return usage_error(command, "--find: `%s` is a time; compare it with a duration such as 40ms, not `%s`",
				   measure->name, text);
	case PP_MEASURE_COUNT:
		if (parse_number(text, INT64_MAX, &number)) {
			find->value = (int64_t)number;
			return STATUS_OK;
		}
		break;
	}
	return usage_error(command, "--find: `%s` is a number; compare it with a whole number, not `%s`", measure->name,
			   text);
}

/* Where no call at all fails, the interval of n calls reaches up to 3.84/n: that must be below the value. */
uint64_t find_min_calls(const struct sweep *sweep)
{
	const struct find *find = sweep->find;
	if (sweep->measures[find->measure].kind != PP_MEASURE_SHARE || find->value <= 0)
		return MIN_CALLS;
	uint64_t calls = UINT64_C(4000000000) / (uint64_t)find->value + 1;
	return calls < MIN_CALLS ? MIN_CALLS : calls > UINT64_C(2000000) ? UINT64_C(2000000) : calls;
}

/* ---- the answer ---- */

static bool holds(enum find_compare compare, int64_t a, int64_t b)
{
	switch (compare) {
	case FIND_LT:
		return a < b;
	case FIND_LE:
		return a <= b;
	case FIND_GT:
		return a > b;
	case FIND_GE:
		return a >= b;
	case FIND_EQ:
		return a == b;
	case FIND_NE:
		return a != b;
	case FIND_COMPARE_COUNT:
		break;
	}
	return false;
}

static enum find_verdict judge(const struct values *values, size_t combination)
{
	const struct sweep *sweep = values->sweep;
	const struct find *find = sweep->find;
	struct statistics s;
	sweep_statistics(values, combination, find->measure, &s);
	if (s.n < sweep->n_seeds)
		return FIND_OPEN;
	bool share = sweep->measures[find->measure].kind == PP_MEASURE_SHARE;
	bool low = holds(find->compare, share ? s.low : s.min, find->value),
	     high = holds(find->compare, share ? s.high : s.max, find->value);
	if (find->compare == FIND_EQ && find->value > s.low && find->value < s.high && share)
		return FIND_OPEN;
	if (find->compare == FIND_EQ || find->compare == FIND_NE)
		return holds(find->compare, s.min, find->value) && holds(find->compare, s.max, find->value)
			       ? FIND_HOLDS
			       : FIND_FAILS;
	return low && high ? FIND_HOLDS : !share || (!low && !high) ? FIND_FAILS : FIND_OPEN;
}

/* Of the combination, with another value of the setting. */
static size_t with_value(const struct sweep *sweep, size_t combination, size_t value)
{
	size_t weight = 1;
	for (size_t i = sweep->n_varies - 1; i > sweep->find->vary; i--)
		weight *= sweep->varies[i].n;
	return combination + value * weight;
}

int find_answer(const struct values *values, size_t combination, struct find_answer *ret)
{
	const struct sweep *sweep = values->sweep;
	size_t n = sweep->varies[sweep->find->vary].n;
	*ret = (struct find_answer){calloc(n, sizeof *ret->verdicts), n, n};
	if (!ret->verdicts)
		return STATUS_SYSTEM;
	for (size_t i = 0; i < n; i++) {
		ret->verdicts[i] = judge(values, with_value(sweep, combination, i));
		if (ret->verdicts[i] == FIND_HOLDS && ret->smallest == n)
			ret->smallest = i;
		if (ret->verdicts[i] == FIND_FAILS && ret->smallest < n && ret->again == n)
			ret->again = i;
	}
	return STATUS_OK;
}

/* ---- in words ---- */

const char *find_verdict_word(enum find_verdict verdict)
{
	return verdict == FIND_HOLDS ? "holds" : verdict == FIND_FAILS ? "fails" : "open";
}

static void print_evidence(FILE *out, const struct values *values, size_t combination)
{
	const struct sweep *sweep = values->sweep;
	const struct sweep_measure *measure = &sweep->measures[sweep->find->measure];
	struct statistics s;
	char low[32], high[32], middle[32];
	sweep_statistics(values, combination, sweep->find->measure, &s);
	if (s.n == 0)
		fputs("no run finished", out);
	else if (measure->kind == PP_MEASURE_SHARE)
		fprintf(out, "%s: %" PRIu64 " of %" PRIu64 " calls, %s; in 95 of 100 cases between %s and %s",
			measure->name, s.part, s.whole, pp_print_measure(s.mean, PP_MEASURE_SHARE, middle),
			pp_print_measure(s.low, PP_MEASURE_SHARE, low),
			pp_print_measure(s.high, PP_MEASURE_SHARE, high));
	else
		fprintf(out, "%s: %s to %s over %zu seeds, median %s", measure->name,
			pp_print_measure(s.min, measure->kind, low), pp_print_measure(s.max, measure->kind, high), s.n,
			pp_print_measure(s.p50, measure->kind, middle));
}

static void print_others(FILE *out, const struct sweep *sweep, size_t combination)
{
	for (size_t i = 0; i < sweep->n_varies; i++)
		if (i != sweep->find->vary)
			fprintf(out, "%s=%s  ", sweep->varies[i].path,
				sweep->varies[i].values[sweep_digit(sweep, combination, i)]);
}

static void print_answer(FILE *out, const struct values *values, size_t combination, const struct find_answer *answer)
{
	const struct sweep *sweep = values->sweep;
	const struct vary *vary = &sweep->varies[sweep->find->vary];
	const char *condition = strstr(sweep->find->text, "such that ");
	condition = condition ? condition + strlen("such that ") : "";
	print_others(out, sweep, combination);
	if (answer->smallest == vary->n)
		fprintf(out, "%s: none of the %zu values that were tried has %s\n", vary->path, vary->n, condition);
	else
		fprintf(out, "%s=%s is the smallest value with %s\n", vary->path, vary->values[answer->smallest],
			condition);
	for (size_t i = 0; i < vary->n; i++) {
		bool near = vary->n <= 12 || (i + 3 > answer->smallest && i <= answer->smallest + 2) ||
			    i == answer->again || i + 1 == vary->n;
		if (!near)
			continue;
		fprintf(out, "  %-5s  %-12s ", find_verdict_word(answer->verdicts[i]), vary->values[i]);
		print_evidence(out, values, with_value(sweep, combination, i));
		putc('\n', out);
	}
	if (answer->again < vary->n)
		fprintf(out,
			"  not monotonic: it fails again at %s, above the smallest value that holds; look at the plot "
			"before you rely on "
			"either\n",
			vary->values[answer->again]);
	else if (answer->smallest < vary->n)
		fprintf(out, "  monotonic in the values tried: no larger value fails\n");
}

static size_t next_question(const struct sweep *sweep, size_t combination)
{
	size_t n = sweep_n_combinations(sweep);
	while (combination < n && sweep_digit(sweep, combination, sweep->find->vary) != 0)
		combination++;
	return combination;
}

void print_find(FILE *out, const struct values *values)
{
	size_t n = sweep_n_combinations(values->sweep);
	for (size_t i = 0; i < n; i = next_question(values->sweep, i + 1)) {
		struct find_answer answer;
		if (find_answer(values, i, &answer) == STATUS_OK)
			print_answer(out, values, i, &answer);
		free(answer.verdicts);
	}
}

void print_find_json(FILE *out, const struct values *values)
{
	const struct sweep *sweep = values->sweep;
	const struct vary *vary = &sweep->varies[sweep->find->vary];
	size_t n = sweep_n_combinations(sweep);
	for (size_t i = 0; i < n; i = next_question(sweep, i + 1)) {
		struct find_answer answer;
		if (find_answer(values, i, &answer) != STATUS_OK)
			continue;
		fputs(i > 0 ? ",\n    {\"of\": " : "\n    {\"of\": ", out);
		char *name = sweep_combination_name(sweep, i);
		print_json_text(out, name);
		free(name);
		fputs(", \"smallest\": ", out);
		print_json_text(out, answer.smallest < vary->n ? vary->values[answer.smallest] : NULL);
		fprintf(out, ", \"monotonic\": %s, \"values\": [", answer.again == vary->n ? "true" : "false");
		for (size_t k = 0; k < vary->n; k++) {
			struct statistics s;
			sweep_statistics(values, with_value(sweep, i, k), sweep->find->measure, &s);
			fprintf(out, "%s\n      {\"value\": ", k ? "," : "");
			print_json_text(out, vary->values[k]);
			fprintf(out, ", \"verdict\": \"%s\", \"runs\": %zu", find_verdict_word(answer.verdicts[k]),
				s.n);
			if (sweep->measures[sweep->find->measure].kind == PP_MEASURE_SHARE) {
				fprintf(out, ", \"part\": %" PRIu64 ", \"calls\": %" PRIu64 ", \"low\": ", s.part,
					s.whole);
				print_share(out, s.low);
				fputs(", \"high\": ", out);
				print_share(out, s.high);
			} else {
				fprintf(out, ", \"min\": %" PRId64 ", \"p50\": %" PRId64 ", \"max\": %" PRId64, s.min,
					s.p50, s.max);
			}
			putc('}', out);
		}
		fputs("]}", out);
		free(answer.verdicts);
	}
}

/* What the runs of a sweep came to, read back from records, and statistics of them. Integers alone: tables are the same on every
 * machine. */
#include "cli/sweep.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PARTS UINT64_C(1000000000)

/* ---- reading ---- */

/* Field i of a record; NULL. Its end is a tab or the record's. */
static const char *field_of(const char *record, size_t i)
{
	const char *field = record;
	for (; field && i > 0; i--) {
		field = strchr(field, '\t');
		field = field ? field + 1 : NULL;
	}
	return field;
}

static bool field_is(const char *field, const char *word)
{
	size_t n = strlen(word);
	return strncmp(field, word, n) == 0 && (field[n] == '\0' || field[n] == '\t');
}

/* Without overflow: wholes are numbers of calls. */
static int64_t share_of(uint64_t part, uint64_t whole)
{
	return whole ? (int64_t)(part * PARTS / whole) : 0;
}

static bool read_value(const char *text, pp_measure_kind kind, struct value *ret)
{
	*ret = (struct value){0};
	if (!text || field_is(text, "-"))
		return text;
	ret->known = true;
	if (kind == PP_MEASURE_SHARE) {
		if (sscanf(text, "%" SCNu64 "/%" SCNu64, &ret->part, &ret->whole) != 2 || ret->part > ret->whole)
			return false;
		ret->value = share_of(ret->part, ret->whole);
		return true;
	}
	return sscanf(text, "%" SCNd64, &ret->value) == 1;
}

static bool can_be_read(const struct sweep *sweep, const char *record)
{
	const char *field = record;
	struct value value;
	bool good = *record;
	for (size_t i = 0; good && field_is(record, "ok") && i < sweep->n_measures; i++) {
		field = field_of(field, 1);
		good = read_value(field, sweep->measures[i].kind, &value);
	}
	return good;
}

int sweep_read_values(const struct sweep *sweep, const struct records *records, struct values *ret)
{
	*ret = (struct values){sweep, records, calloc((size_t)sweep->n_seeds + 1, sizeof *ret->sorted)};
	if (!ret->sorted)
		return STATUS_SYSTEM;
	for (size_t i = 0; i < records->n; i++)
		if (records->items[i] && !can_be_read(sweep, records->items[i])) {
			fprintf(stderr, "pktpath: the ledger's record of run %zu cannot be read\n", i + 1);
			return STATUS_SYSTEM;
		}
	return STATUS_OK;
}

void values_free(struct values *values)
{
	free(values->sorted);
}

struct value sweep_value(const struct values *values, size_t run, size_t measure)
{
	const char *record = values->records->items[run];
	struct value value = {0};
	if (record && field_is(record, "ok"))
		(void)read_value(field_of(record, 1 + measure), values->sweep->measures[measure].kind, &value);
	return value;
}

bool sweep_has_trouble(const struct values *values, size_t run)
{
	const char *record = values->records->items[run];
	return record && !field_is(record, "ok");
}

char *sweep_trouble(const struct values *values, size_t run)
{
	char *copy = strdup(values->records->items[run]), *rest = copy;
	const char *word = copy ? ledger_take(&rest) : NULL, *why = copy ? ledger_take(&rest) : NULL;
	char *text = copy ? strdup(why ? why : word) : NULL;
	free(copy);
	return text;
}

/* ---- statistics ---- */

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* The nearest rank. */
static int64_t rank(const int64_t *sorted, size_t n, unsigned percent)
{
	size_t at = (n * percent + 99) / 100;
	return sorted[at > 0 ? at - 1 : 0];
}

static uint64_t square_root(uint64_t x)
{
	uint64_t root = 0;
	for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1)
		if ((root + bit) * (root + bit) <= x)
			root += bit;
	return root;
}

/* Wilson's score interval with z^2 = 3.8415 (95 %), in parts of 10^9:
 *   (p + z^2/2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2/n)
 * In parts of 10^9 all terms have 10^18 below the root. */
static void wilson(uint64_t part, uint64_t n, int64_t *ret_low, int64_t *ret_high)
{
	uint64_t z2 = UINT64_C(3841500000); /* parts of 10^9 */
	uint64_t p = part * PARTS / n, half = z2 / 2 / n;
	uint64_t spread = p * (PARTS - p) / n + z2 / 4 * PARTS / n / n;
	/* z = 1.96: spread is in parts of 10^18, its root in parts of 10^9 */
	uint64_t around = square_root(spread) * 196 / 100, below = PARTS + z2 / n;
	uint64_t middle = p + half, low = middle > around ? middle - around : 0, high = middle + around;
	*ret_low = (int64_t)(low * 1000 / (below / 1000000));
	*ret_high = (int64_t)(high * 1000 / (below / 1000000));
	*ret_low = part == 0 ? 0 : *ret_low;
	*ret_high = part == n || *ret_high > (int64_t)PARTS ? (int64_t)PARTS : *ret_high;
}

void sweep_statistics(const struct values *values, size_t combination, size_t measure, struct statistics *ret)
{
	const struct sweep *sweep = values->sweep;
	int64_t *sorted = values->sorted;
	int64_t sum_high = 0, sum_rest = 0; /* of the values divided by n: their sum may be larger than 64 bits */
	*ret = (struct statistics){0};
	for (size_t i = 0; i < sweep->n_seeds; i++) {
		size_t run = combination * (size_t)sweep->n_seeds + i;
		struct value value = sweep_value(values, run, measure);
		if (!value.known)
			continue;
		sorted[ret->n++] = value.value;
		ret->part += value.part;
		ret->whole += value.whole;
	}
	if (ret->n > 0) {
		qsort(sorted, ret->n, sizeof *sorted, by_value);
		ret->min = sorted[0];
		ret->p5 = rank(sorted, ret->n, 5);
		ret->p50 = rank(sorted, ret->n, 50);
		ret->p95 = rank(sorted, ret->n, 95);
		ret->p99 = rank(sorted, ret->n, 99);
		ret->max = sorted[ret->n - 1];
		for (size_t i = 0; i < ret->n; i++) {
			sum_high += sorted[i] / (int64_t)ret->n;
			sum_rest += sorted[i] % (int64_t)ret->n;
		}
		ret->mean = sum_high + sum_rest / (int64_t)ret->n;
	}
	if (ret->whole > 0) {
		ret->mean = share_of(ret->part, ret->whole);
		wilson(ret->part, ret->whole, &ret->low, &ret->high);
	}
}

/* ---- printing ---- */

void print_share(FILE *out, int64_t parts)
{
	fprintf(out, "%" PRId64 ".%09" PRId64, parts / (int64_t)PARTS, parts % (int64_t)PARTS);
}

void print_value(FILE *out, pp_measure_kind kind, const struct value *value)
{
	if (!value->known)
		return;
	if (kind == PP_MEASURE_SHARE)
		print_share(out, value->value);
	else
		fprintf(out, "%" PRId64, value->value);
}

/* The values that a setting is to have: a list with commas, of words and ranges. A range has numbers, numbers with a unit, or
 * durations, and a step that is added or a factor. Numbers are counted in millionths, durations in nanoseconds: what is printed is
 * what a scenario could say. */
#include "cli/sweep.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PARTS INT64_C(1000000)
#define MAX_NUMBER INT64_C(1000000000000)

enum quantity_kind { QUANTITY_NUMBER, QUANTITY_DURATION };
struct quantity {
	enum quantity_kind kind;
	int64_t value; /* millionths; ns */
	char unit[8];  /* of a number */
};

/* "12", "0.5", "10kB". Returns what follows; NULL where it is none. */
static const char *read_decimal(const char *text, int64_t *ret)
{
	int64_t value = 0, part = PARTS;
	if (*text < '0' || *text > '9')
		return NULL;
	for (; *text >= '0' && *text <= '9'; text++) {
		value = value * 10 + (*text - '0');
		if (value > MAX_NUMBER)
			return NULL;
	}
	value *= PARTS;
	if (*text == '.' && text[1] >= '0' && text[1] <= '9')
		for (text++; *text >= '0' && *text <= '9'; text++) {
			part /= 10;
			value += (*text - '0') * part;
		}
	*ret = value;
	return text;
}

static bool read_quantity(const char *text, struct quantity *ret)
{
	if (pp_parse_duration(text, &ret->value) == 0) {
		ret->kind = QUANTITY_DURATION;
		return true;
	}
	const char *rest = read_decimal(text, &ret->value);
	if (!rest || strlen(rest) >= sizeof ret->unit || strpbrk(rest, "0123456789."))
		return false;
	ret->kind = QUANTITY_NUMBER;
	(void)snprintf(ret->unit, sizeof ret->unit, "%s", rest);
	return true;
}

/* In the largest unit that leaves no fraction. */
static char *print_quantity(const struct quantity *quantity)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {{"d", INT64_C(86400000000000)},
		     {"h", INT64_C(3600000000000)},
		     {"m", INT64_C(60000000000)},
		     {"s", 1000000000},
		     {"ms", 1000000},
		     {"us", 1000},
		     {"ns", 1}};
	char *text = NULL, fraction[8];
	int64_t value = quantity->value;
	if (quantity->kind == QUANTITY_DURATION) {
		size_t i = 0;
		if (value == 0)
			return strdup("0s");
		while (value % units[i].ns != 0)
			i++;
		return asprintf(&text, "%" PRId64 "%s", value / units[i].ns, units[i].name) < 0 ? NULL : text;
	}
	(void)snprintf(fraction, sizeof fraction, "%06d", (int)(value % PARTS));
	size_t n = strlen(fraction);
	while (n > 0 && fraction[n - 1] == '0')
		fraction[--n] = '\0';
	return asprintf(&text, "%" PRId64 "%s%s%s", value / PARTS, n > 0 ? "." : "", fraction, quantity->unit) < 0
		       ? NULL
		       : text;
}

/* ---- ranges ---- */

struct range {
	struct quantity first, last;
	int64_t step;   /* 0 where there is a factor */
	int64_t factor; /* millionths */
};

static int bad_range(const struct command *command, const char *text, const char *why)
{
	return usage_error(
		command,
		"--vary: `%s` %s; a range is A..B, A..B:STEP or A..BxFACTOR, such as 1..16, 10s..4m:10s, 1..64x2", text,
		why);
}

/* "x2" and ":10s" behind the last value. `last` is cut there. */
static int read_step(const struct command *command, const char *text, char *last, struct range *range)
{
	char *colon = strchr(last, ':'), *times = colon ? NULL : strrchr(last, 'x');
	char *behind = colon ? colon : times;
	struct quantity step;
	if (behind)
		*behind++ = '\0';
	if (!read_quantity(last, &range->last))
		return bad_range(command, text, "has an end that is no number and no duration");
	range->step = range->first.kind == QUANTITY_NUMBER ? PARTS : 0;
	if (times) {
		const char *rest = read_decimal(behind, &range->factor);
		if (!rest || *rest || range->factor <= PARTS)
			return bad_range(command, text, "has a factor that is no number above 1");
		if (range->first.value <= 0)
			return bad_range(command, text, "begins at 0, which no factor changes");
		range->step = 0;
	} else if (colon) {
		if (!read_quantity(behind, &step) || step.value <= 0)
			return bad_range(command, text, "has a step that is no number above 0");
		if (step.kind != range->first.kind && !(step.kind == QUANTITY_NUMBER && !*step.unit))
			return bad_range(command, text, "has a step of another kind");
		if (step.kind != range->first.kind)
			return bad_range(command, text, "has a step without a unit");
		range->step = step.value;
	} else if (range->first.kind == QUANTITY_DURATION || range->first.value % PARTS != 0) {
		return bad_range(command, text, "needs a step");
	}
	return STATUS_OK;
}

static int read_range(const struct command *command, const char *text, struct range *ret)
{
	char *copy = strdup(text), *dots = copy ? strstr(copy, "..") : NULL;
	if (!dots) {
		free(copy);
		return STATUS_SYSTEM;
	}
	*ret = (struct range){0};
	*dots = '\0';
	int status = read_quantity(copy, &ret->first)
			     ? read_step(command, text, dots + 2, ret)
			     : bad_range(command, text, "begins with no number and no duration");
	if (status == STATUS_OK && ret->first.kind == QUANTITY_NUMBER && ret->last.kind == QUANTITY_NUMBER &&
	    !*ret->first.unit)
		(void)snprintf(ret->first.unit, sizeof ret->first.unit, "%s", ret->last.unit); /* 1..5MB */
	if (status == STATUS_OK &&
	    (ret->first.kind != ret->last.kind ||
	     (ret->first.kind == QUANTITY_NUMBER && strcmp(ret->first.unit, ret->last.unit) != 0)))
		status = bad_range(command, text, "has two ends of different kinds");
	if (status == STATUS_OK && ret->last.value < ret->first.value)
		status = bad_range(command, text, "ends below its beginning");
	free(copy);
	return status;
}

/* Numbers that begin whole stay whole. */
static int64_t multiply(const struct range *range, int64_t value)
{
	int64_t whole = value / PARTS, rest = value % PARTS, product;
	if (__builtin_mul_overflow(whole, range->factor, &product))
		return INT64_MAX;
	product += rest * range->factor / PARTS;
	if (range->first.kind == QUANTITY_NUMBER && range->first.value % PARTS == 0)
		product = (product + PARTS / 2) / PARTS * PARTS;
	return product > value ? product : INT64_MAX;
}

static int add_value(struct vary *vary, char *value)
{
	if ((vary->n & (vary->n - 1)) == 0) {
		char **grown = realloc(vary->values, (vary->n ? 2 * vary->n : 1) * sizeof *grown);
		if (!grown) {
			free(value);
			return STATUS_SYSTEM;
		}
		vary->values = grown;
	}
	vary->values[vary->n] = value;
	vary->n += !!value;
	return value ? STATUS_OK : STATUS_SYSTEM;
}

static int add_range(const struct command *command, struct vary *vary, const char *text)
{
	struct range range;
	int status = read_range(command, text, &range);
	if (status != STATUS_OK)
		return status;
	if (range.step > 0 && (range.last.value - range.first.value) / range.step >= (int64_t)SWEEP_MAX_RUNS)
		return usage_error(command, "--vary: `%s` has %" PRId64 " values, more than %u; give a larger step",
				   text, (range.last.value - range.first.value) / range.step + 1, SWEEP_MAX_RUNS);
	for (struct quantity at = range.first; status == STATUS_OK && at.value <= range.last.value;) {
		status = add_value(vary, print_quantity(&at));
		int64_t next = range.step > 0 ? at.value + range.step : multiply(&range, at.value);
		if (next == INT64_MAX)
			break;
		at.value = next;
	}
	return status;
}

/* ---- lists ---- */

/* Up to the next comma that stands in no brackets and no quotes. */
static size_t item_length(const char *text)
{
	int depth = 0;
	char quote = '\0';
	size_t n = 0;
	for (; text[n] && (depth > 0 || quote || text[n] != ','); n++)
		if (quote)
			quote = text[n] == quote ? '\0' : quote;
		else if (text[n] == '"' || text[n] == '\'')
			quote = text[n];
		else if (text[n] == '[' || text[n] == '{' || text[n] == '(')
			depth++;
		else if (text[n] == ']' || text[n] == '}' || text[n] == ')')
			depth--;
	return n;
}

static bool is_range(const char *item)
{
	const char *dots = strstr(item, "..");
	return dots && !strpbrk(item, "[{(\"'") && *item >= '0' && *item <= '9' && dots[2] >= '0' && dots[2] <= '9';
}

int vary_parse(const struct command *command, const char *text, struct vary *ret)
{
	const char *equals = strchr(text, '=');
	*ret = (struct vary){0};
	if (!equals || equals == text || !equals[1])
		return usage_error(command, "--vary takes PATH=V1,V2 or PATH=A..B, not `%s`", text);
	ret->path = strndup(text, (size_t)(equals - text));
	int status = ret->path ? STATUS_OK : STATUS_SYSTEM;
	for (const char *at = equals + 1; status == STATUS_OK;) {
		size_t n = item_length(at);
		char *item = strndup(at, n);
		if (item && is_range(item)) {
			status = add_range(command, ret, item);
			free(item);
		} else if (item && *item) {
			status = add_value(ret, item);
		} else {
			status = item ? usage_error(command, "--vary: `%s` has an empty value", text) : STATUS_SYSTEM;
			free(item);
		}
		if (!at[n])
			break;
		at += n + 1;
	}
	for (size_t i = 0; status == STATUS_OK && ret->n <= 10000 && i < ret->n; i++)
		for (size_t k = 0; status == STATUS_OK && k < i; k++)
			if (strcmp(ret->values[i], ret->values[k]) == 0)
				status = usage_error(command, "--vary: `%s` has the value %s twice", text,
						     ret->values[i]);
	return status;
}

void vary_free(struct vary *vary)
{
	for (size_t i = 0; i < vary->n; i++)
		free(vary->values[i]);
	free(vary->values);
	free(vary->path);
	*vary = (struct vary){0};
}

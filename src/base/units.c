/* DOC: quantities are read digit by digit into integers: "1.5ms" is 1500000 ns exactly, and a fraction finer than the
 * last place is an error of range. */
#include "base/units.h"
#include "base/decimal.h"
#include "base/wide.h"
#include <stdio.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t factor;
};

/* A decimal number: digits * 10^-places. */
struct decimal {
	uint64_t digits;
	unsigned places;
};

static bool read_decimal(const char **text, struct decimal *ret, enum units_error *ret_error)
{
	const char *p = *text;
	*ret = (struct decimal){0};
	*ret_error = UNITS_OK;
	if (*p < '0' || *p > '9')
		return false;
	bool fraction = false;
	for (;; p++) {
		if (*p == '.' && !fraction && p[1] >= '0' && p[1] <= '9') {
			fraction = true;
			continue;
		}
		if (*p < '0' || *p > '9')
			break;
		if (ret->digits > (UINT64_MAX - 9) / 10 || ret->places >= 18) {
			*ret_error = UNITS_OUT_OF_RANGE;
			return true;
		}
		ret->digits = ret->digits * 10 + (uint64_t)(*p - '0');
		ret->places += fraction;
	}
	*text = p;
	return true;
}

static bool scale(struct decimal decimal, uint64_t factor, uint64_t *ret)
{
	struct wide value = wide_product(decimal.digits, factor);
	for (; decimal.places > 0; decimal.places--) {
		uint64_t rest;
		value = wide_quotient(value, 10, &rest);
		if (rest != 0)
			return false;
	}
	*ret = value.low;
	return value.high == 0;
}

static const struct unit *find_unit(const struct unit *units, size_t n, const char *text, size_t length)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(units[i].name) == length && strncmp(units[i].name, text, length) == 0)
			return &units[i];
	return NULL;
}

static size_t unit_length(const char *text)
{
	size_t n = 0;
	while (text[n] && text[n] != '.' && (text[n] < '0' || text[n] > '9'))
		n++;
	return n;
}

/* One number and its unit, to the end of the text; or several, where `compound`. */
static enum units_error read_quantity(const char *text, const struct unit *units, size_t n_units, bool compound,
				      uint64_t *ret)
{
	uint64_t total = 0;
	do {
		struct decimal decimal;
		enum units_error error;
		if (!read_decimal(&text, &decimal, &error))
			return UNITS_NOT_A_NUMBER;
		if (error != UNITS_OK)
			return error;
		size_t length = unit_length(text);
		if (length == 0)
			return UNITS_NO_UNIT;
		const struct unit *unit = find_unit(units, n_units, text, length);
		if (!unit)
			return UNITS_UNKNOWN;
		text += length;
		uint64_t part;
		if (!scale(decimal, unit->factor, &part) || part > UINT64_MAX - total)
			return UNITS_OUT_OF_RANGE;
		total += part;
	} while (compound && *text);
	if (*text)
		return UNITS_UNKNOWN;
	*ret = total;
	return UNITS_OK;
}

static const struct unit durations[] = {
	{"d", UINT64_C(86400000000000)},
	{"h", UINT64_C(3600000000000)},
	{"m", UINT64_C(60000000000)},
	{"s", UINT64_C(1000000000)},
	{"ms", UINT64_C(1000000)},
	{"us", UINT64_C(1000)},
	{"ns", 1},
};
static const struct unit sizes[] = {
	{"GB", UINT64_C(1000000000)}, {"MB", UINT64_C(1000000)},  {"kB", UINT64_C(1000)},     {"B", 1},
	{"GiB", UINT64_C(1) << 30},   {"MiB", UINT64_C(1) << 20}, {"KiB", UINT64_C(1) << 10},
};
static const struct unit rates[] = {
	{"Gbit/s", UINT64_C(1000000000)}, {"Mbit/s", UINT64_C(1000000)}, {"kbit/s", UINT64_C(1000)}, {"bit/s", 1}};
#define COUNT(array) (sizeof(array) / sizeof *(array))

enum units_error units_duration(const char *text, int64_t *ret_ns)
{
	uint64_t ns;
	enum units_error error = read_quantity(text, durations, COUNT(durations), true, &ns);
	if (error == UNITS_OK && ns > INT64_MAX / 4) /* sums of a few durations never overflow */
		error = UNITS_OUT_OF_RANGE;
	if (error == UNITS_OK)
		*ret_ns = (int64_t)ns;
	return error;
}

enum units_error units_size(const char *text, uint64_t *ret_bytes)
{
	return read_quantity(text, sizes, COUNT(sizes), false, ret_bytes);
}

enum units_error units_rate(const char *text, uint64_t *ret_bits_per_s)
{
	return read_quantity(text, rates, COUNT(rates), false, ret_bits_per_s);
}

enum units_error units_fraction(const char *text, uint64_t *ret_parts)
{
	struct decimal decimal;
	enum units_error error;
	if (!read_decimal(&text, &decimal, &error))
		return UNITS_NOT_A_NUMBER;
	if (error != UNITS_OK)
		return error;
	if (*text == '%') {
		decimal.places += 2;
		text++;
	} else if ((text[0] == 'e' || text[0] == 'E') && text[1] == '-' && text[2] >= '0' && text[2] <= '9') {
		unsigned exponent = 0;
		for (text += 2; *text >= '0' && *text <= '9' && exponent < 100; text++)
			exponent = exponent * 10 + (unsigned)(*text - '0');
		decimal.places += exponent;
	}
	if (*text)
		return UNITS_UNKNOWN;
	struct wide parts = wide_product(decimal.digits, UINT64_C(1) << 32);
	for (; decimal.places > 0 && (parts.high || parts.low); decimal.places--)
		parts = wide_quotient(parts, 10, NULL);
	if (parts.high || parts.low > (UINT64_C(1) << 32))
		return UNITS_OUT_OF_RANGE;
	*ret_parts = parts.low;
	return UNITS_OK;
}

/* ---- wall time: the civil calendar by days since 0000-03-01, after which leap days come last ---- */

static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void civil_of(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted = (5 * day_of_year + 2) / 153;
	*ret_day = (unsigned)(day_of_year - (153 * shifted + 2) / 5 + 1);
	*ret_month = (unsigned)(shifted < 10 ? shifted + 3 : shifted - 9);
	*ret_year = year_of_era + era * 400 + (*ret_month <= 2);
}

static bool read_digits(const char **text, unsigned n, unsigned *ret)
{
	*ret = 0;
	for (; n > 0; n--, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		*ret = *ret * 10 + (unsigned)(**text - '0');
	}
	return true;
}

static bool read_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month == 2 && leap ? 29 : days[month - 1];
}

enum units_error units_wall_time(const char *text, int64_t *ret_unix_ns)
{
	unsigned year, month, day, hour, minute, second, nanosecond = 0;
	if (!read_digits(&text, 4, &year) || !read_char(&text, '-') || !read_digits(&text, 2, &month) ||
	    !read_char(&text, '-') || !read_digits(&text, 2, &day) || !read_char(&text, 'T') ||
	    !read_digits(&text, 2, &hour) || !read_char(&text, ':') || !read_digits(&text, 2, &minute) ||
	    !read_char(&text, ':') || !read_digits(&text, 2, &second))
		return UNITS_NOT_A_NUMBER;
	if (read_char(&text, '.')) {
		unsigned weight = 100000000, n = 0;
		for (; *text >= '0' && *text <= '9'; text++, n++, weight /= 10)
			nanosecond += (unsigned)(*text - '0') * weight;
		if (n == 0 || n > 9)
			return UNITS_NOT_A_NUMBER;
	}
	if (!read_char(&text, 'Z') || *text)
		return UNITS_NO_UNIT;
	if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) ||
	    hour > 23 || minute > 59 || second > 59)
		return UNITS_OUT_OF_RANGE;
	int64_t seconds = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	*ret_unix_ns = seconds * NS_PER_S + nanosecond;
	return UNITS_OK;
}

/* ---- printing ---- */

char *units_print_duration(int64_t ns, char text[UNITS_TEXT_BYTES])
{
	if (ns == 0)
		return strcpy(text, "0s");
	char *out = text;
	uint64_t left = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	if (ns < 0)
		*out++ = '-';
	for (size_t i = 0; i < COUNT(durations) && left > 0; i++) {
		uint64_t n = left / durations[i].factor;
		if (n == 0)
			continue;
		out += snprintf(out, (size_t)(text + UNITS_TEXT_BYTES - out), "%llu%s", (unsigned long long)n,
				durations[i].name);
		left %= durations[i].factor;
	}
	return text;
}

static char *print_scaled(uint64_t value, const struct unit *units, size_t n, char *text)
{
	for (size_t i = 0; i < n; i++)
		if (value >= units[i].factor && value % units[i].factor == 0) {
			(void)snprintf(text, UNITS_TEXT_BYTES, "%llu%s", (unsigned long long)(value / units[i].factor),
				       units[i].name);
			return text;
		}
	(void)snprintf(text, UNITS_TEXT_BYTES, "%llu%s", (unsigned long long)value, units[n - 1].name);
	return text;
}

char *units_print_size(uint64_t bytes, char text[UNITS_TEXT_BYTES])
{
	return print_scaled(bytes, sizes, 4, text);
}

char *units_print_rate(uint64_t bits_per_s, char text[UNITS_TEXT_BYTES])
{
	return print_scaled(bits_per_s, rates, COUNT(rates), text);
}

char *units_print_seconds(int64_t ns, char text[UNITS_TEXT_BYTES])
{
	uint64_t left = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	char *at = text;
	if (ns < 0)
		*at++ = '-';
	at = decimal_put(at, left / (uint64_t)NS_PER_S);
	*at++ = '.';
	at = decimal_put_padded(at, left % (uint64_t)NS_PER_S, 9);
	*at = '\0';
	return text;
}

char *units_print_wall_time(int64_t unix_ns, char text[UNITS_TEXT_BYTES])
{
	int64_t seconds = unix_ns / NS_PER_S, ns = unix_ns % NS_PER_S;
	if (ns < 0) {
		ns += NS_PER_S;
		seconds--;
	}
	int64_t days = seconds / 86400, rest = seconds % 86400;
	if (rest < 0) {
		rest += 86400;
		days--;
	}
	int64_t year;
	unsigned month, day;
	civil_of(days, &year, &month, &day);
	int n = snprintf(text, UNITS_TEXT_BYTES, "%04lld-%02u-%02uT%02lld:%02lld:%02lld", (long long)year, month, day,
			 (long long)(rest / 3600), (long long)(rest / 60 % 60), (long long)(rest % 60));
	if (ns > 0)
		n += snprintf(text + n, (size_t)(UNITS_TEXT_BYTES - n), ".%09lld", (long long)ns);
	(void)snprintf(text + n, (size_t)(UNITS_TEXT_BYTES - n), "Z");
	return text;
}

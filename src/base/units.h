/* Quantities as users write them. A bare number is an error where a unit is due. No floating point: 1.5ms is read
 * exactly. */
#ifndef PKTPATH_BASE_UNITS_H
#define PKTPATH_BASE_UNITS_H
#include "base/time.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum units_error {
	UNITS_OK = 0,
	UNITS_NOT_A_NUMBER = 1,
	UNITS_NO_UNIT = 2, /* a bare number */
	UNITS_UNKNOWN = 3, /* a unit of another kind, or none that exists */
	UNITS_OUT_OF_RANGE = 4,
};

/* ns us ms s m h d; compounds such as 2h4m; fractions such as 1.5ms. "0" alone needs a unit too. */
enum units_error units_duration(const char *text, int64_t *ret_ns);
/* B kB MB GB (powers of 1000), KiB MiB GiB. */
enum units_error units_size(const char *text, uint64_t *ret_bytes);
/* bit/s kbit/s Mbit/s Gbit/s. */
enum units_error units_rate(const char *text, uint64_t *ret_bits_per_s);
/* "0.01", "1%", "1e-4": in parts of 2^32, 0..2^32. */
enum units_error units_fraction(const char *text, uint64_t *ret_parts);
/* RFC 3339 in UTC: 2015-12-17T00:00:00Z, with optional fraction; ns since 1970-01-01. */
enum units_error units_wall_time(const char *text, int64_t *ret_unix_ns);

/* The shortest text that units_duration() reads back as the same number: "240s" is "4m". `text` has at least 48
 * bytes. */
#define UNITS_TEXT_BYTES 48
char *units_print_duration(int64_t ns, char text[UNITS_TEXT_BYTES]);
char *units_print_size(uint64_t bytes, char text[UNITS_TEXT_BYTES]);
char *units_print_rate(uint64_t bits_per_s, char text[UNITS_TEXT_BYTES]);
/* Decimal seconds with nine places, for tables and traces: "12.000450000". */
char *units_print_seconds(int64_t ns, char text[UNITS_TEXT_BYTES]);
char *units_print_wall_time(int64_t unix_ns, char text[UNITS_TEXT_BYTES]);
#endif

/* DOC: digits come from the end, two at a time, from a table of the hundred pairs: half as many divisions. */
#include "base/decimal.h"
#include <string.h>

static const char PAIRS[] =
	"00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
	"495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596"
	"979899";
_Static_assert(sizeof PAIRS == 201, "a hundred pairs");

/* Fills `text` from its end; returns where the digits begin. */
static char *digits(char text[DECIMAL_MAX_BYTES], uint64_t value)
{
	char *begin = text + DECIMAL_MAX_BYTES;
	while (value >= 100) {
		begin -= 2;
		memcpy(begin, PAIRS + 2 * (value % 100), 2);
		value /= 100;
	}
	if (value >= 10) {
		begin -= 2;
		memcpy(begin, PAIRS + 2 * value, 2);
	} else {
		*--begin = (char)('0' + value);
	}
	return begin;
}

char *decimal_put(char *at, uint64_t value)
{
	char text[DECIMAL_MAX_BYTES];
	const char *begin = digits(text, value);
	size_t n = (size_t)(text + DECIMAL_MAX_BYTES - begin);
	memcpy(at, begin, n);
	return at + n;
}

char *decimal_put_padded(char *at, uint64_t value, unsigned n_digits)
{
	char text[DECIMAL_MAX_BYTES];
	const char *begin = digits(text, value);
	size_t n = (size_t)(text + DECIMAL_MAX_BYTES - begin);
	for (size_t i = n; i < n_digits; i++)
		*at++ = '0';
	memcpy(at, begin, n);
	return at + n;
}

char *decimal_put_text(char *at, const char *text)
{
	size_t n = strlen(text);
	memcpy(at, text, n);
	return at + n;
}

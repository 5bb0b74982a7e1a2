/* DOC: digits come from the end, two at a time, from a table of the hundred pairs: half as many divisions. */
#include "base/decimal.h"
#include <string.h>

static const char PAIRS[] =
	"00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
	"495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596"
	"979899";
_Static_assert(sizeof PAIRS == 201, "a hundred pairs");

static unsigned n_digits(uint64_t value)
{
	unsigned n = 1;
	for (; value >= 10000; value /= 10000)
		n += 4;
	return n + (value >= 10) + (value >= 100) + (value >= 1000);
}

/* The last digit stands before `end`. */
static void put_before(char *end, uint64_t value)
{
	for (; value >= 100; value /= 100) {
		end -= 2;
		memcpy(end, PAIRS + 2 * (value % 100), 2);
	}
	if (value >= 10)
		memcpy(end - 2, PAIRS + 2 * value, 2);
	else
		end[-1] = (char)('0' + value);
}

char *decimal_put(char *at, uint64_t value)
{
	char *end = at + n_digits(value);
	put_before(end, value);
	return end;
}

char *decimal_put_padded(char *at, uint64_t value, unsigned n_least)
{
	unsigned n = n_digits(value);
	for (; n < n_least; n++)
		*at++ = '0';
	return decimal_put(at, value);
}

char *decimal_put_text(char *at, const char *text)
{
	size_t n = strlen(text);
	memcpy(at, text, n);
	return at + n;
}

/* IPv4 addresses as text. */
#include "net/addr.h"
#include "base/decimal.h"
#include <stdio.h>

bool addr_parse(const char *text, be32 *ret)
{
	uint32_t addr = 0;
	for (int part = 0; part < 4; part++) {
		if (part > 0 && *text++ != '.')
			return false;
		if (*text < '0' || *text > '9' || (*text == '0' && text[1] >= '0' && text[1] <= '9'))
			return false;
		uint32_t octet = 0;
		while (*text >= '0' && *text <= '9' && octet <= 255)
			octet = octet * 10 + (uint32_t)(*text++ - '0');
		if (octet > 255)
			return false;
		addr = addr << 8 | octet;
	}
	if (*text != '\0')
		return false;
	*ret = be32_from(addr);
	return true;
}

char *addr_print(be32 addr, char text[ADDR_TEXT_BYTES])
{
	uint32_t a = be32_to(addr);
	char *at = decimal_put(text, a >> 24);
	for (int shift = 16; shift >= 0; shift -= 8) {
		*at++ = '.';
		at = decimal_put(at, a >> shift & 255);
	}
	*at = '\0';
	return text;
}

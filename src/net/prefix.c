/* IPv4 prefixes as text. */
#include "net/prefix.h"
#include <stdio.h>
#include <string.h>

enum prefix_error prefix_parse(const char *text, struct prefix *ret)
{
	const char *slash = strchr(text, '/');
	char addr_text[ADDR_TEXT_BYTES];
	if (!slash || (size_t)(slash - text) >= sizeof addr_text)
		return PREFIX_SYNTAX;
	memcpy(addr_text, text, (size_t)(slash - text));
	addr_text[slash - text] = '\0';
	be32 addr;
	const char *digits = slash + 1;
	size_t n = strlen(digits);
	if (!addr_parse(addr_text, &addr) || n < 1 || n > 2 || strspn(digits, "0123456789") != n ||
	    (n == 2 && digits[0] == '0'))
		return PREFIX_SYNTAX;
	uint32_t length = 0;
	for (size_t i = 0; i < n; i++)
		length = length * 10 + (uint32_t)(digits[i] - '0');
	if (length > 32)
		return PREFIX_SYNTAX;
	struct prefix prefix = {addr, (uint8_t)length};
	uint32_t mask = prefix_mask(prefix);
	bool host_bits = (be32_to(addr) & ~mask) != 0;
	prefix.addr = be32_from(be32_to(addr) & mask);
	*ret = prefix;
	return host_bits ? PREFIX_HOST_BITS : PREFIX_OK;
}

char *prefix_print(struct prefix prefix, char text[PREFIX_TEXT_BYTES])
{
	char addr[ADDR_TEXT_BYTES];
	(void)snprintf(text, PREFIX_TEXT_BYTES, "%s/%u", addr_print(prefix.addr, addr), prefix.length);
	return text;
}

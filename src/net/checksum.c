/* The Internet checksum over bytes (RFC 1071). */
#include "net/checksum.h"
#include <string.h>

uint32_t checksum_add(uint32_t sum, const void *data, size_t size_bytes)
{
	const uint8_t *bytes = data;
	uint64_t wide = sum;
	for (; size_bytes >= 2; bytes += 2, size_bytes -= 2) {
		be16 word;
		memcpy(&word, bytes, sizeof word);
		wide += be16_to(word);
	}
	if (size_bytes)
		wide += (uint32_t)*bytes << 8;
	wide = (wide & 0xffffffff) + (wide >> 32);
	return (uint32_t)((wide & 0xffffffff) + (wide >> 32));
}

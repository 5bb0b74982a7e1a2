/* DOC: the lines of FTP that name an address and a port: 227 of a server, PORT of a caller. They are read as a gateway of
 * applications reads them, from the bytes of a segment; and each text is made once, found by its content afterwards. */
#include "base/arena.h"
#include "base/random.h"
#include "host/ftp.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- reading ---- */

/* Six numbers up to 255 with commas between them; how many bytes they take, 0 where there are none. */
static size_t read_numbers(const uint8_t *text, size_t size_bytes, uint8_t ret[6])
{
	size_t at = 0;
	for (size_t i = 0; i < 6; i++) {
		unsigned number = 0, digits = 0;
		if (i > 0 && (at == size_bytes || text[at++] != ','))
			return 0;
		for (; at < size_bytes && digits < 3 && text[at] >= '0' && text[at] <= '9'; digits++)
			number = number * 10 + (text[at++] - '0');
		if (digits == 0 || number > 255)
			return 0;
		ret[i] = (uint8_t)number;
	}
	return at;
}

static bool begins_with(const uint8_t *text, size_t size_bytes, const char *word)
{
	return size_bytes >= strlen(word) && strncasecmp((const char *)text, word, strlen(word)) == 0;
}

bool ftp_read_named(const uint8_t *text, size_t size_bytes, struct ftp_named *ret)
{
	uint8_t n[6];
	bool is_port = begins_with(text, size_bytes, "PORT ");
	if (!is_port && !begins_with(text, size_bytes, "227 "))
		return false;
	const uint8_t *open = is_port ? text + strlen("PORT") : memchr(text, '(', size_bytes);
	if (!open || !memchr(text, '\n', size_bytes))
		return false;
	size_t at = (size_t)(open - text) + 1, used = read_numbers(text + at, size_bytes - at, n);
	if (used == 0 || at + used == size_bytes || text[at + used] != (is_port ? '\r' : ')'))
		return false;
	*ret = (struct ftp_named){
		.line = is_port ? FTP_ACTIVE : FTP_PASSIVE,
		.addr = be32_from((uint32_t)n[0] << 24 | (uint32_t)n[1] << 16 | (uint32_t)n[2] << 8 | n[3]),
		.port = (uint16_t)(n[4] << 8 | n[5]),
		.at = (uint32_t)at,
		.n_bytes = (uint32_t)used,
	};
	return true;
}

/* ---- keeping ---- */

struct ftp_lines {
	struct kept {
		uint64_t hash;
		const struct payload *payload; /* NULL: empty */
	} * slots;
	uint32_t mask, n;
};

static uint64_t hash_of(const char *text, size_t size_bytes)
{
	uint64_t hash = random_mix(size_bytes);
	for (size_t i = 0; i < size_bytes; i++)
		hash = random_mix(hash ^ (uint8_t)text[i]);
	return hash;
}

static bool is_text(const struct payload *payload, const char *text, size_t size_bytes)
{
	return payload->size_bytes == size_bytes && memcmp(payload->part[0].bytes, text, size_bytes) == 0;
}

static bool grow(struct ftp_lines *lines, struct arena *arena)
{
	uint32_t size = lines->slots ? (lines->mask + 1) * 2 : 64;
	struct kept *slots = arena_array(arena, size, sizeof *slots);
	if (!slots)
		return false;
	for (uint32_t i = 0; lines->slots && i <= lines->mask; i++) {
		uint32_t at = (uint32_t)lines->slots[i].hash & (size - 1);
		while (lines->slots[i].payload && slots[at].payload)
			at = (at + 1) & (size - 1);
		if (lines->slots[i].payload)
			slots[at] = lines->slots[i];
	}
	lines->slots = slots;
	lines->mask = size - 1;
	return true;
}

static const struct payload *get(struct ftp_lines **lines, struct arena *arena, const char *text, size_t size_bytes)
{
	if (!*lines)
		*lines = arena_alloc(arena, sizeof **lines);
	struct ftp_lines *all = *lines;
	if (!all || (all->n + 1 > (all->slots ? all->mask + 1 : 0) / 4 * 3 && !grow(all, arena)))
		return NULL;
	uint64_t hash = hash_of(text, size_bytes);
	uint32_t at = (uint32_t)hash & all->mask;
	while (all->slots[at].payload && !is_text(all->slots[at].payload, text, size_bytes))
		at = (at + 1) & all->mask;
	if (!all->slots[at].payload) {
		all->slots[at] = (struct kept){hash, payload_new(arena, text, size_bytes, NULL, 0, 0, NULL, 0)};
		all->n += all->slots[at].payload ? 1u : 0u;
	}
	return all->slots[at].payload;
}

const struct payload *ftp_lines_get(struct ftp_lines **lines, struct arena *arena, enum ftp_line line, be32 addr,
				    uint16_t port)
{
	char text[FTP_LINE_MAX_BYTES];
	uint32_t a = be32_to(addr);
	int n = snprintf(
		text, sizeof text,
		line == FTP_ACTIVE ? "%s %u,%u,%u,%u,%u,%u\r\n" : "%s Entering Passive Mode (%u,%u,%u,%u,%u,%u).\r\n",
		ftp_line_word(line), a >> 24, (a >> 16) & 255, (a >> 8) & 255, a & 255, port >> 8, port & 255u);
	return get(lines, arena, text, (size_t)n);
}

const struct payload *ftp_lines_renamed(struct ftp_lines **lines, struct arena *arena, const uint8_t *text,
					size_t size_bytes, const struct ftp_named *named, be32 addr, uint16_t port)
{
	char renamed[2 * FTP_LINE_MAX_BYTES];
	uint32_t a = be32_to(addr);
	size_t behind = named->at + named->n_bytes;
	if (size_bytes > FTP_LINE_MAX_BYTES)
		return NULL;
	int n = snprintf(renamed, sizeof renamed, "%.*s%u,%u,%u,%u,%u,%u%.*s", (int)named->at, (const char *)text,
			 a >> 24, (a >> 16) & 255, (a >> 8) & 255, a & 255, port >> 8, port & 255u,
			 (int)(size_bytes - behind), (const char *)text + behind);
	return get(lines, arena, renamed, (size_t)n);
}

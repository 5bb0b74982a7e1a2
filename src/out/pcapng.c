/* pcapng blocks (draft-ietf-opsawg-pcapng), appended to a buffer.
 *
 * DOC: a block is type, total length, body, total length again, all in words of four bytes; an option is a code, a
 * length and a value padded to a word. Each function first computes the length of its block, reserves it at once and
 * then stores without looking back; a block is therefore there as a whole or (memory is short, the buffer has failed)
 * not at all. Every number is stored byte by byte as little-endian, so that a file does not depend on the machine. The
 * frame is written by packet_copy() straight into its place. */
#include "out/pcapng.h"
#include <assert.h>
#include <string.h>

enum block_type {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_NAMES = 4,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
};
#define BYTE_ORDER_MAGIC UINT32_C(0x1a2b3c4d)
#define LINKTYPE_ETHERNET 1
#define BLOCK_FRAME_BYTES 12 /* type and both lengths */
#define OPTION_MAX_BYTES 65535

enum option_code {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_DESCRIPTION = 3,
	INTERFACE_RESOLUTION = 9,
	PACKET_FLAGS = 2,
	PACKET_ID = 5,
	STATISTICS_START = 2,
	STATISTICS_END = 3,
	STATISTICS_RECEIVED = 4,
	STATISTICS_DROPPED = 5,
};
#define NAME_RECORD_IPV4 1
#define NAMES_BLOCK_BYTES 1048576u /* readers refuse very large blocks: names are spread over several */

static inline uint8_t *put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
	return at + 2;
}

static inline uint8_t *put32(uint8_t *at, uint32_t value)
{
	return put16(put16(at, value & 0xffff), value >> 16);
}

static inline uint8_t *put64(uint8_t *at, uint64_t value)
{
	return put32(put32(at, (uint32_t)value), (uint32_t)(value >> 32));
}

/* The format has points in time as two words, the upper one first. */
static inline uint8_t *put_time(uint8_t *at, int64_t unix_ns)
{
	return put32(put32(at, (uint32_t)((uint64_t)unix_ns >> 32)), (uint32_t)(uint64_t)unix_ns);
}

static inline size_t padded(size_t bytes)
{
	return (bytes + 3) & ~(size_t)3;
}

static inline uint8_t *pad(uint8_t *at, size_t bytes)
{
	size_t n = padded(bytes) - bytes;
	memset(at, 0, n);
	return at + n;
}

/* Length of a text as an option's value: not more than 16 bits can say, cut where a UTF-8 character begins. */
static size_t text_bytes(const char *text)
{
	size_t n = strlen(text);
	if (n <= OPTION_MAX_BYTES)
		return n;
	n = OPTION_MAX_BYTES;
	while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Space of an option with a text, 0 where there is none. */
static inline size_t text_option_bytes(const char *text, size_t *ret_text_bytes)
{
	*ret_text_bytes = !text ? 0 : text_bytes(text);
	return !text ? 0 : 4 + padded(*ret_text_bytes);
}

static inline uint8_t *put_text_option(uint8_t *at, enum option_code code, const char *text, size_t bytes)
{
	if (!text)
		return at;
	at = put16(put16(at, code), (uint32_t)bytes);
	memcpy(at, text, bytes);
	return pad(at + bytes, bytes);
}

static inline uint8_t *put_option_header(uint8_t *at, enum option_code code, uint32_t bytes)
{
	return put16(put16(at, code), bytes);
}

/* Room for a block (and `spare` bytes after it), with its type and first length written. NULL where memory is short. */
static inline uint8_t *block_begin(struct buf *out, enum block_type type, size_t total_bytes, size_t spare_bytes)
{
	if (out->failed || (out->capacity_bytes - out->size_bytes < total_bytes + spare_bytes &&
			    !buf_reserve(out, total_bytes + spare_bytes)))
		return NULL;
	return put32(put32(out->data + out->size_bytes, (uint32_t)type), (uint32_t)total_bytes);
}

static inline void block_end(struct buf *out, uint8_t *at, size_t total_bytes)
{
	at = put32(at, (uint32_t)total_bytes);
	assert(at == out->data + out->size_bytes + total_bytes);
	(void)at;
	out->size_bytes += total_bytes;
}

void pcapng_section(struct buf *out, const char *application, const char *comment)
{
	size_t application_bytes, comment_bytes;
	size_t total = BLOCK_FRAME_BYTES + 16 + text_option_bytes(application, &application_bytes) +
		       text_option_bytes(comment, &comment_bytes) + 4;
	uint8_t *at = block_begin(out, BLOCK_SECTION, total, 0);
	if (!at)
		return;
	at = put32(at, BYTE_ORDER_MAGIC);
	at = put16(put16(at, 1), 0);
	at = put64(at, UINT64_MAX); /* length of the section: not given */
	at = put_text_option(at, SECTION_APPLICATION, application, application_bytes);
	at = put_text_option(at, OPTION_COMMENT, comment, comment_bytes);
	at = put_option_header(at, OPTION_END, 0);
	block_end(out, at, total);
}

void pcapng_interface(struct buf *out, const char *name, const char *description, uint32_t snaplen)
{
	size_t name_bytes, description_bytes;
	size_t total = BLOCK_FRAME_BYTES + 8 + text_option_bytes(name, &name_bytes) +
		       text_option_bytes(description, &description_bytes) + 8 + 4;
	uint8_t *at = block_begin(out, BLOCK_INTERFACE, total, 0);
	if (!at)
		return;
	at = put16(put16(at, LINKTYPE_ETHERNET), 0);
	at = put32(at, snaplen);
	at = put_text_option(at, INTERFACE_NAME, name, name_bytes);
	at = put_text_option(at, INTERFACE_DESCRIPTION, description, description_bytes);
	at = put_option_header(at, INTERFACE_RESOLUTION, 1);
	at = put32(at, 9); /* 10^-9 s, and the pad */
	at = put_option_header(at, OPTION_END, 0);
	block_end(out, at, total);
}

static size_t name_record_bytes(const struct pcapng_name *name)
{
	return 4 + padded(4 + text_bytes(name->name) + 1);
}

/* A record says its length in 16 bits too; a DNS name has at most 253. */
static uint8_t *put_name(uint8_t *at, const struct pcapng_name *name)
{
	size_t bytes = text_bytes(name->name), value_bytes = 4 + bytes + 1;
	at = put16(put16(at, NAME_RECORD_IPV4), (uint32_t)value_bytes);
	memcpy(at, &name->addr.raw, 4);
	memcpy(at + 4, name->name, bytes);
	at[4 + bytes] = 0;
	return pad(at + value_bytes, value_bytes);
}

void pcapng_names(struct buf *out, const struct pcapng_name *names, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t total = BLOCK_FRAME_BYTES + 4, end = i;
		do
			total += name_record_bytes(&names[end++]);
		while (end < n && total + name_record_bytes(&names[end]) <= NAMES_BLOCK_BYTES);
		uint8_t *at = block_begin(out, BLOCK_NAMES, total, 0);
		if (!at)
			return;
		for (; i < end; i++)
			at = put_name(at, &names[i]);
		at = put32(at, 0); /* end of the records */
		block_end(out, at, total);
	}
}

void pcapng_packet(struct buf *out, uint32_t interface, int64_t unix_ns, const struct packet *packet, uint32_t snaplen,
		   enum pcapng_direction direction, const char *comment)
{
	size_t frame_bytes = packet_frame_bytes(packet), comment_bytes;
	size_t captured_bytes = frame_bytes <= snaplen ? frame_bytes : snaplen;
	size_t flags_bytes = direction == PCAPNG_UNKNOWN ? 0 : 8;
	size_t options_bytes = flags_bytes + 12 + text_option_bytes(comment, &comment_bytes) + 4;
	size_t total = BLOCK_FRAME_BYTES + 20 + padded(captured_bytes) + options_bytes;
	/* The frame is copied as a whole and its end overwritten where it is to be cut. */
	uint8_t *at = block_begin(out, BLOCK_PACKET, total, frame_bytes - captured_bytes);
	if (!at)
		return;
	at = put32(at, interface);
	at = put_time(at, unix_ns);
	at = put32(at, (uint32_t)captured_bytes);
	at = put32(at, (uint32_t)frame_bytes);
	packet_copy(packet, at);
	at = pad(at + captured_bytes, captured_bytes);
	if (direction != PCAPNG_UNKNOWN)
		at = put32(put_option_header(at, PACKET_FLAGS, 4), direction);
	at = put64(put_option_header(at, PACKET_ID, 8), packet->id);
	at = put_text_option(at, OPTION_COMMENT, comment, comment_bytes);
	at = put_option_header(at, OPTION_END, 0);
	block_end(out, at, total);
}

/* In place of the end, which comes again behind it. */
void pcapng_packet_comment(struct buf *out, size_t block_at, const char *comment, size_t comment_bytes)
{
	const size_t end_bytes = 4 + 4; /* of the options, and of the block */
	size_t more = 4 + padded(comment_bytes);
	if (out->failed || comment_bytes > OPTION_MAX_BYTES ||
	    (out->capacity_bytes - out->size_bytes < more && !buf_reserve(out, more)))
		return;
	uint32_t total = (uint32_t)(out->size_bytes - block_at + more);
	uint8_t *at = put_text_option(out->data + out->size_bytes - end_bytes, OPTION_COMMENT, comment, comment_bytes);
	at = put_option_header(at, OPTION_END, 0);
	put32(out->data + block_at + 4, total);
	out->size_bytes = block_at;
	block_end(out, at, total);
}

void pcapng_statistics(struct buf *out, uint32_t interface, int64_t start_unix_ns, int64_t end_unix_ns,
		       uint64_t received, uint64_t dropped)
{
	size_t total = BLOCK_FRAME_BYTES + 12 + 4 * 12 + 4;
	uint8_t *at = block_begin(out, BLOCK_STATISTICS, total, 0);
	if (!at)
		return;
	at = put32(at, interface);
	at = put_time(at, end_unix_ns);
	at = put_time(put_option_header(at, STATISTICS_START, 8), start_unix_ns);
	at = put_time(put_option_header(at, STATISTICS_END, 8), end_unix_ns);
	at = put64(put_option_header(at, STATISTICS_RECEIVED, 8), received);
	at = put64(put_option_header(at, STATISTICS_DROPPED, 8), dropped);
	at = put_option_header(at, OPTION_END, 0);
	block_end(out, at, total);
}

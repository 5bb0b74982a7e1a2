/* DOC: the reader of captures. Each call takes as many whole blocks as there are; the beginning of the next one is kept.
 * A length is compared with what is left before it is believed. Blocks that say nothing about packets are passed over,
 * without being kept, so that their size does not matter. */
#include "import/capture_reader.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum block_type {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_OLD_PACKET = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_PACKET = 6
};
enum { OPTION_END = 0, OPTION_RESOLUTION = 9, OPTION_OFFSET = 14 };
#define BYTE_ORDER_MAGIC UINT32_C(0x1a2b3c4d)
#define CLASSIC_HEADER_BYTES 24u
#define CLASSIC_RECORD_BYTES 16u
#define BLOCK_MIN_BYTES 12u
#define NS_PER_S INT64_C(1000000000)

void capture_reader_init(struct capture_reader *reader, void (*each)(void *context, const struct captured_frame *frame),
			 void *context)
{
	*reader = (struct capture_reader){.each = each, .context = context};
}

void capture_reader_deinit(struct capture_reader *reader)
{
	buf_free(&reader->rest);
	free(reader->interfaces);
	*reader = (struct capture_reader){0};
}

static uint16_t get16(const struct capture_reader *reader, const uint8_t *at)
{
	return (uint16_t)(reader->swapped ? at[0] << 8 | at[1] : at[1] << 8 | at[0]);
}

static uint32_t get32(const struct capture_reader *reader, const uint8_t *at)
{
	uint32_t first = get16(reader, at), second = get16(reader, at + 2);
	return reader->swapped ? first << 16 | second : second << 16 | first;
}

static int damaged(struct capture_reader *reader, const char *problem)
{
	reader->problem = problem;
	return 1;
}

static void give(struct capture_reader *reader, const struct captured_frame *frame)
{
	reader->n_frames++;
	reader->each(reader->context, frame);
}

/* ---- classic ---- */

/* Bytes that were used; 0: there are too few; negative: it is damaged. */
static int64_t classic_record(struct capture_reader *reader, const uint8_t *data, size_t bytes)
{
	if (bytes < CLASSIC_RECORD_BYTES)
		return 0;
	uint32_t captured = get32(reader, data + 8), fraction = get32(reader, data + 4);
	if (captured > CAPTURE_MAX_BLOCK_BYTES) {
		reader->problem = "a record is larger than any packet";
		return -1;
	}
	if (bytes < CLASSIC_RECORD_BYTES + captured)
		return 0;
	struct captured_frame frame = {.unix_ns = (int64_t)get32(reader, data) * NS_PER_S +
						  (int64_t)fraction * (reader->nanoseconds ? 1 : 1000),
				       .link_type = reader->link_type,
				       .data = data + CLASSIC_RECORD_BYTES,
				       .captured_bytes = captured,
				       .frame_bytes = get32(reader, data + 12)};
	give(reader, &frame);
	return (int64_t)CLASSIC_RECORD_BYTES + captured;
}

static int64_t classic_header(struct capture_reader *reader, const uint8_t *data, size_t bytes)
{
	if (bytes < CLASSIC_HEADER_BYTES)
		return 0;
	reader->link_type = get32(reader, data + 20) & 0x0fffffffu;
	return CLASSIC_HEADER_BYTES;
}

/* ---- pcapng ---- */

static void read_interface_option(struct capture_reader *reader, struct capture_interface *interface, uint32_t code,
				  const uint8_t *value, uint32_t value_bytes)
{
	if (code == OPTION_RESOLUTION && value_bytes >= 1) {
		interface->binary = value[0] & 0x80;
		interface->exponent = value[0] & 0x7f;
	} else if (code == OPTION_OFFSET && value_bytes >= 8) {
		uint64_t low = get32(reader, value + (reader->swapped ? 4 : 0)),
			 high = get32(reader, value + (reader->swapped ? 0 : 4));
		interface->offset_s = (int64_t)(high << 32 | low);
	}
}

static int read_interface(struct capture_reader *reader, const uint8_t *body, size_t bytes)
{
	if (bytes < 8)
		return damaged(reader, "the block of an interface is too short");
	if (reader->n_interfaces == reader->capacity_interfaces) {
		size_t capacity = reader->capacity_interfaces ? reader->capacity_interfaces * 2 : 8;
		void *larger = realloc(reader->interfaces, capacity * sizeof *reader->interfaces);
		if (!larger)
			return -ENOMEM;
		reader->interfaces = larger;
		reader->capacity_interfaces = capacity;
	}
	if (reader->n_interfaces >= CAPTURE_MAX_INTERFACES)
		return damaged(reader, "it has more interfaces than captures have");
	struct capture_interface *interface = &reader->interfaces[reader->n_interfaces++];
	*interface = (struct capture_interface){.link_type = get16(reader, body), .exponent = 6};
	for (size_t at = 8; at + 4 <= bytes;) {
		uint32_t code = get16(reader, body + at), value_bytes = get16(reader, body + at + 2);
		if (code == OPTION_END || at + 4 + value_bytes > bytes)
			break;
		read_interface_option(reader, interface, code, body + at + 4, value_bytes);
		at += 4 + ((value_bytes + 3u) & ~3u);
	}
	return 0;
}

/* Without floating point: units are split into seconds and the rest. */
static int64_t time_of(const struct capture_interface *interface, uint64_t units)
{
	uint64_t per_s = 1;
	if (interface->binary) {
		if (interface->exponent > 62)
			return interface->offset_s * NS_PER_S;
		per_s = UINT64_C(1) << interface->exponent;
	} else {
		for (uint8_t i = 0; i < interface->exponent && i < 19; i++)
			per_s *= 10;
	}
	uint64_t seconds = units / per_s, rest = units % per_s;
	/* The rest is below per_s, which may need 64 bits: so it is scaled before. */
	while (per_s > UINT64_C(1000000000)) {
		per_s /= interface->binary ? 2 : 10;
		rest /= interface->binary ? 2 : 10;
	}
	if (seconds > (uint64_t)INT32_MAX * 4)
		seconds = 0;
	return ((int64_t)seconds + interface->offset_s % INT32_MAX) * NS_PER_S +
	       (int64_t)(rest * UINT64_C(1000000000) / per_s);
}

static int give_packet(struct capture_reader *reader, uint32_t number, uint64_t units, const uint8_t *data, size_t room,
		       uint32_t captured, uint32_t frame_bytes)
{
	if (number >= reader->n_interfaces)
		return damaged(reader, "a packet is of an interface that is not there");
	if (captured > room)
		return damaged(reader, "a packet is longer than its block");
	const struct capture_interface *interface = &reader->interfaces[number];
	give(reader, &(struct captured_frame){.unix_ns = time_of(interface, units),
					      .link_type = interface->link_type,
					      .interface = number,
					      .data = data,
					      .captured_bytes = captured,
					      .frame_bytes = frame_bytes});
	return 0;
}

static int read_block(struct capture_reader *reader, uint32_t type, const uint8_t *body, size_t bytes)
{
	switch (type) {
	case BLOCK_INTERFACE:
		return read_interface(reader, body, bytes);
	case BLOCK_PACKET:
		if (bytes < 20)
			return damaged(reader, "the block of a packet is too short");
		return give_packet(reader, get32(reader, body),
				   (uint64_t)get32(reader, body + 4) << 32 | get32(reader, body + 8), body + 20,
				   bytes - 20, get32(reader, body + 12), get32(reader, body + 16));
	case BLOCK_OLD_PACKET:
		if (bytes < 20)
			return damaged(reader, "the block of a packet is too short");
		return give_packet(reader, get16(reader, body),
				   (uint64_t)get32(reader, body + 4) << 32 | get32(reader, body + 8), body + 20,
				   bytes - 20, get32(reader, body + 12), get32(reader, body + 16));
	case BLOCK_SIMPLE_PACKET: {
		if (bytes < 4)
			return damaged(reader, "the block of a packet is too short");
		uint32_t frame_bytes = get32(reader, body), room = (uint32_t)(bytes - 4);
		return give_packet(reader, 0, 0, body + 4, room, frame_bytes < room ? frame_bytes : room, frame_bytes);
	}
	default:
		reader->n_blocks_skipped++;
		return 0;
	}
}

static bool is_wanted(uint32_t type)
{
	return type == BLOCK_INTERFACE || type == BLOCK_PACKET || type == BLOCK_OLD_PACKET ||
	       type == BLOCK_SIMPLE_PACKET;
}

/* A section has the byte order of its writer, and interfaces of its own. */
static int begin_section(struct capture_reader *reader, const uint8_t *data)
{
	reader->swapped = false;
	if (get32(reader, data + 8) != BYTE_ORDER_MAGIC) {
		reader->swapped = true;
		if (get32(reader, data + 8) != BYTE_ORDER_MAGIC)
			return damaged(reader, "the beginning of a section is damaged");
	}
	reader->n_interfaces = 0;
	return 0;
}

static int64_t ng_block(struct capture_reader *reader, const uint8_t *data, size_t bytes)
{
	if (bytes < BLOCK_MIN_BYTES)
		return 0;
	bool section = get32(reader, data) == BLOCK_SECTION; /* the same in both orders */
	if (section && begin_section(reader, data) != 0)
		return -1;
	uint32_t type = get32(reader, data), length = get32(reader, data + 4);
	if (length < BLOCK_MIN_BYTES || length % 4 != 0) {
		reader->problem = "a block has a length that none can have";
		return -1;
	}
	if (!section && !is_wanted(type)) { /* however large it is */
		reader->n_blocks_skipped++;
		reader->skip_bytes = length;
		return length <= bytes ? length : (int64_t)bytes;
	}
	if (length > CAPTURE_MAX_BLOCK_BYTES) {
		reader->problem = "a block is larger than any packet";
		return -1;
	}
	if (bytes < length)
		return 0;
	if (get32(reader, data + length - 4) != length) {
		reader->problem = "the two lengths of a block differ";
		return -1;
	}
	int r = section ? 0 : read_block(reader, type, data + 8, length - BLOCK_MIN_BYTES);
	return r == 0 ? length : r < 0 ? INT64_MIN : -1;
}

/* ---- both ---- */

static int64_t recognise_format(struct capture_reader *reader, const uint8_t *data, size_t bytes)
{
	if (bytes < 4)
		return 0;
	for (int swapped = 0; swapped < 2; swapped++) {
		reader->swapped = swapped;
		uint32_t magic = get32(reader, data);
		if (magic == BLOCK_SECTION) {
			reader->format = CAPTURE_NG;
			return ng_block(reader, data, bytes);
		}
		reader->nanoseconds = magic == UINT32_C(0xa1b23c4d);
		if (magic == UINT32_C(0xa1b2c3d4) || reader->nanoseconds) {
			int64_t used = classic_header(reader, data, bytes);
			reader->format = used > 0 ? CAPTURE_CLASSIC : CAPTURE_UNKNOWN;
			return used;
		}
	}
	reader->problem = "it is neither pcap nor pcapng";
	return -1;
}

static int64_t take(struct capture_reader *reader, const uint8_t *data, size_t bytes)
{
	if (reader->skip_bytes > 0) {
		uint64_t used = reader->skip_bytes < bytes ? reader->skip_bytes : bytes;
		reader->skip_bytes -= used;
		return (int64_t)used;
	}
	int64_t used;
	switch (reader->format) {
	case CAPTURE_CLASSIC:
		return classic_record(reader, data, bytes);
	case CAPTURE_NG:
	case CAPTURE_UNKNOWN:
		used = reader->format == CAPTURE_NG ? ng_block(reader, data, bytes)
						    : recognise_format(reader, data, bytes);
		if (used > 0 && reader->skip_bytes > 0)
			reader->skip_bytes -= (uint64_t)used;
		return used;
	}
	return -1;
}

/* As much of the piece as is whole. 0, 1 or -ENOMEM; *ret_used in any case. */
static int take_all(struct capture_reader *reader, const uint8_t *data, size_t bytes, size_t *ret_used)
{
	size_t at = 0;
	int64_t used = 1;
	while (at < bytes && (used = take(reader, data + at, bytes - at)) > 0) {
		at += (size_t)used;
		reader->offset += (uint64_t)used;
	}
	*ret_used = at;
	return used == INT64_MIN ? -ENOMEM : used < 0 ? 1 : 0;
}

int capture_reader_feed(struct capture_reader *reader, const uint8_t *data, size_t bytes)
{
	size_t used = 0;
	int r = 0;
	if (reader->problem)
		return 1;
	/* What is left over is made whole with little of the piece; the rest of that is read where it stands. */
	while (r == 0 && reader->rest.size_bytes > 0 && bytes > 0) {
		size_t more = bytes < 65536 ? bytes : 65536, before = reader->rest.size_bytes;
		buf_append(&reader->rest, data, more);
		if (buf_failed(&reader->rest))
			return -ENOMEM;
		r = take_all(reader, reader->rest.data, reader->rest.size_bytes, &used);
		if (used >= before) { /* it goes on in the piece */
			buf_clear(&reader->rest);
			data += used - before;
			bytes -= used - before;
			break;
		}
		memmove(reader->rest.data, reader->rest.data + used, reader->rest.size_bytes - used);
		reader->rest.size_bytes -= used;
		data += more;
		bytes -= more;
	}
	if (r != 0 || bytes == 0)
		return r;
	r = take_all(reader, data, bytes, &used);
	if (r == 0)
		buf_append(&reader->rest, data + used, bytes - used);
	return r == 0 && buf_failed(&reader->rest) ? -ENOMEM : r;
}

int capture_reader_end(struct capture_reader *reader)
{
	if (reader->problem)
		return 1;
	if (reader->format == CAPTURE_UNKNOWN)
		return damaged(reader, "it is neither pcap nor pcapng");
	reader->cut = reader->rest.size_bytes > 0 || reader->skip_bytes > 0;
	return 0;
}

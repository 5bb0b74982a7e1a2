/* pcapng, block by block (draft-ietf-opsawg-pcapng).
 *
 * DOC: what is read may be anything: no length is believed before it was compared with what is left. A file may have
 * several sections, each in the byte order of its writer and with interfaces of its own. Blocks that say nothing about
 * packets are passed over, as the format asks. */
#include "base/wide.h"
#include "out/reading.h"
#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum block_type { BLOCK_SECTION = 0x0a0d0d0a, BLOCK_INTERFACE = 1, BLOCK_PACKET = 6 };
enum option_code {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	INTERFACE_NAME = 2,
	INTERFACE_RESOLUTION = 9,
	PACKET_FLAGS = 2,
	PACKET_ID = 5
};
#define BYTE_ORDER_MAGIC UINT32_C(0x1a2b3c4d)
#define LINKTYPE_ETHERNET 1
#define BLOCK_MIN_BYTES 12u
#define SECTION_BODY_BYTES 16u
#define INTERFACE_BODY_BYTES 8u
#define PACKET_BODY_BYTES 20u
#define MAX_INTERFACES 65536u

struct walk {
	struct reading_source *source;
	const uint8_t *data;
	size_t size_bytes, at;
	const char *problem;
};

struct option_view {
	uint16_t code;
	const uint8_t *value;
	uint32_t value_bytes;
};

static uint16_t get16(const struct walk *walk, const uint8_t *at)
{
	return (uint16_t)(walk->source->swapped ? at[0] << 8 | at[1] : at[1] << 8 | at[0]);
}

static uint32_t get32(const struct walk *walk, const uint8_t *at)
{
	uint32_t first = get16(walk, at), second = get16(walk, at + 2);
	return walk->source->swapped ? first << 16 | second : second << 16 | first;
}

static uint64_t get64(const struct walk *walk, const uint8_t *at)
{
	uint64_t first = get32(walk, at), second = get32(walk, at + 4);
	return walk->source->swapped ? first << 32 | second : second << 32 | first;
}

static int damaged(struct walk *walk, const char *problem)
{
	walk->problem = problem;
	return 1;
}

/* The next option of what is left; false at the end, or where its length is more than is left. */
static bool next_option(const struct walk *walk, const uint8_t **at, const uint8_t *end, struct option_view *ret)
{
	if (end - *at < 4)
		return false;
	ret->code = get16(walk, *at);
	ret->value_bytes = get16(walk, *at + 2);
	ret->value = *at + 4;
	uint32_t padded = (ret->value_bytes + 3) & ~UINT32_C(3);
	if (ret->code == OPTION_END || (size_t)(end - ret->value) < padded)
		return false;
	*at = ret->value + padded;
	return true;
}

static int read_interface(struct walk *walk, const uint8_t *body, const uint8_t *end)
{
	if (end - body < (ptrdiff_t)INTERFACE_BODY_BYTES)
		return damaged(walk, "an interface's block is too short");
	if (get16(walk, body) != LINKTYPE_ETHERNET)
		return damaged(walk, "an interface is not Ethernet");
	struct reading_source *source = walk->source;
	if (source->n_interfaces == MAX_INTERFACES)
		return damaged(walk, "there are more than 65536 interfaces");
	void *interfaces = source->interfaces;
	if (!reading_grow(source->list.interface_arena, &interfaces, source->n_interfaces, &source->capacity_interfaces,
			  sizeof(*source->interfaces)))
		return -ENOMEM;
	source->interfaces = interfaces;
	struct reading_interface *interface = &source->interfaces[source->n_interfaces++];
	*interface = (struct reading_interface){.exponent = 6};
	struct option_view option, name = {0, (const uint8_t *)"", 0};
	const uint8_t *at = body + INTERFACE_BODY_BYTES;
	while (next_option(walk, &at, end, &option)) {
		if (option.code == INTERFACE_NAME)
			name = option;
		if (option.code == INTERFACE_RESOLUTION && option.value_bytes == 1) {
			interface->binary = (option.value[0] & 0x80) != 0;
			interface->exponent = option.value[0] & 0x7f;
		}
	}
	if (interface->exponent > (interface->binary ? 63 : 18))
		return damaged(walk, "an interface's unit of time is too small");
	/* Some writers end the name with a NUL. */
	uint32_t name_bytes = (uint32_t)strnlen((const char *)name.value, name.value_bytes);
	return reading_add_interface(&source->list, (const char *)name.value, name_bytes, &interface->number);
}

static int64_t to_ns(const struct reading_interface *interface, uint64_t time)
{
	if (interface->binary) {
		uint64_t whole = interface->exponent == 0 ? time : time >> interface->exponent;
		uint64_t rest = time - (whole << interface->exponent);
		return (int64_t)(whole * 1000000000 +
				 wide_shifted(wide_product(rest, 1000000000), interface->exponent));
	}
	uint64_t scale = 1;
	for (unsigned i = interface->exponent; i < 9; i++)
		scale *= 10;
	for (unsigned i = 9; i < interface->exponent; i++)
		time /= 10;
	return (int64_t)(time * scale);
}

static int read_packet(struct walk *walk, const uint8_t *body, const uint8_t *end)
{
	if (end - body < (ptrdiff_t)PACKET_BODY_BYTES)
		return damaged(walk, "a packet's block is too short");
	uint32_t number = get32(walk, body), captured = get32(walk, body + 12);
	const uint8_t *frame = body + PACKET_BODY_BYTES;
	if (number >= walk->source->n_interfaces)
		return damaged(walk, "a packet belongs to an interface that the file does not describe");
	if (captured > (size_t)(end - frame))
		return damaged(walk, "a packet is longer than its block");
	const struct reading_interface *interface = &walk->source->interfaces[number];
	struct reading_record record = {
		.unix_ns = to_ns(interface, (uint64_t)get32(walk, body + 4) << 32 | get32(walk, body + 8)),
		.frame = frame,
		.captured_bytes = captured,
		.frame_bytes = get32(walk, body + 16),
		.interface = interface->number,
	};
	size_t padded = ((size_t)captured + 3) & ~(size_t)3;
	const uint8_t *at = padded > (size_t)(end - frame) ? end : frame + padded;
	struct option_view option;
	while (next_option(walk, &at, end, &option)) {
		if (option.code == OPTION_COMMENT && !record.comment) { /* the first is what became of the packet */
			record.comment = (const char *)option.value;
			record.comment_bytes = option.value_bytes;
		} else if (option.code == PACKET_FLAGS && option.value_bytes == 4) {
			record.direction = get32(walk, option.value) & 3;
		} else if (option.code == PACKET_ID && option.value_bytes == 8) {
			record.id = get64(walk, option.value);
		}
	}
	return reading_add_record(&walk->source->list, &record);
}

/* The byte order stands behind the length that it is needed for. */
static int begin_section(struct walk *walk)
{
	const uint8_t *at = walk->data + walk->at;
	if (walk->size_bytes - walk->at < BLOCK_MIN_BYTES + SECTION_BODY_BYTES)
		return damaged(walk, "a section's header is cut off");
	walk->source->swapped = false;
	if (get32(walk, at + 8) != BYTE_ORDER_MAGIC) {
		walk->source->swapped = true;
		if (get32(walk, at + 8) != BYTE_ORDER_MAGIC)
			return damaged(walk, "a section has no byte order");
	}
	if (get16(walk, at + 12) != 1)
		return damaged(walk, "it is of a version of pcapng that is not known here");
	walk->source->n_interfaces = 0;
	return 0;
}

static int read_block(struct walk *walk)
{
	const uint8_t *at = walk->data + walk->at;
	size_t left = walk->size_bytes - walk->at;
	if (left < BLOCK_MIN_BYTES)
		return damaged(walk, "it ends within a block");
	uint32_t type = get32(walk, at); /* a section's reads the same in both orders */
	int r = type == BLOCK_SECTION ? begin_section(walk) : 0;
	if (r != 0)
		return r;
	uint32_t total = get32(walk, at + 4);
	if (total < BLOCK_MIN_BYTES || total % 4 != 0)
		return damaged(walk, "a block's length is wrong");
	if (total > left)
		return damaged(walk, "it ends within a block");
	const uint8_t *body = at + 8, *end = at + total - 4;
	if (get32(walk, end) != total)
		return damaged(walk, "a block's two lengths are not the same");
	if (type == BLOCK_INTERFACE)
		r = read_interface(walk, body, end);
	else if (type == BLOCK_PACKET)
		r = read_packet(walk, body, end);
	if (r == 0)
		walk->at += total;
	return r;
}

size_t reading_block_bytes(const struct reading_source *source, const uint8_t *data, size_t size_bytes)
{
	struct reading_source of = *source;
	struct walk walk = {.source = &of, .data = data, .size_bytes = size_bytes};
	if (size_bytes < BLOCK_MIN_BYTES + SECTION_BODY_BYTES)
		return 0;
	if (get32(&walk, data) == BLOCK_SECTION) {
		of.swapped = false;
		of.swapped = get32(&walk, data + 8) != BYTE_ORDER_MAGIC;
	}
	return get32(&walk, data + 4);
}

int reading_pcapng(struct reading_source *source, const uint8_t *data, size_t size_bytes, bool is_last,
		   size_t *ret_bytes, struct reading *ret)
{
	struct walk walk = {.source = source, .data = data, .size_bytes = size_bytes};
	int r = 0;
	while (r == 0 && walk.at < walk.size_bytes) {
		size_t left = walk.size_bytes - walk.at, block = reading_block_bytes(source, data + walk.at, left);
		if (!is_last && (left < BLOCK_MIN_BYTES + SECTION_BODY_BYTES || block > left))
			break;
		r = read_block(&walk);
	}
	*ret_bytes = walk.at;
	ret->problem = walk.problem;
	ret->problem_at = walk.at;
	return r;
}

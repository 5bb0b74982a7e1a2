/* DNS messages (RFC 1035): a query for an address, and its answer.
 *
 * DOC: names are written label by label; one too long for DNS is cut to what fits (63 bytes a label, 255 in all), so
 * that a message is well-formed whatever the name. The answer repeats the question and points back at its name (4.1.4:
 * offset 12). A message of a given length has the rest as EDNS padding (RFC 6891, RFC 7830). */
#include "host/dialogue.h"
#include <string.h>

#define HEADER_BYTES 12u
#define MAX_NAME_BYTES 255u /* with lengths and the root */
#define MAX_LABEL_BYTES 63u
#define QUESTION_TAIL_BYTES 4u
#define ANSWER_BYTES 16u
#define OPT_BYTES 15u /* with the padding's code and length */
#define TTL_S 60u

#define FLAG_RESPONSE 0x8000
#define FLAG_RECURSION_DESIRED 0x0100
#define FLAG_RECURSION_AVAILABLE 0x0080
#define RCODE_NXDOMAIN 3
#define TYPE_A 1
#define TYPE_OPT 41
#define CLASS_IN 1
#define OPTION_PADDING 12
#define EDNS_MAX_BYTES 65535u
#define POINTER_TO_QUESTION 0xc00c

struct message {
	uint8_t bytes[HEADER_BYTES + MAX_NAME_BYTES + QUESTION_TAIL_BYTES + ANSWER_BYTES + OPT_BYTES];
	size_t n;
};

static void put16(struct message *m, unsigned x)
{
	m->bytes[m->n++] = (uint8_t)(x >> 8);
	m->bytes[m->n++] = (uint8_t)x;
}

static void put_name(struct message *m, const char *name)
{
	size_t left = MAX_NAME_BYTES - 1; /* the root's zero */

	while (*name != '\0') {
		size_t label_bytes = strcspn(name, ".");
		size_t kept = label_bytes < MAX_LABEL_BYTES ? label_bytes : MAX_LABEL_BYTES;
		if (kept > 0 && left > 1) {
			kept = kept < left - 1 ? kept : left - 1;
			m->bytes[m->n++] = (uint8_t)kept;
			memcpy(m->bytes + m->n, name, kept);
			m->n += kept;
			left -= kept + 1;
		}
		name += label_bytes;
		name += *name == '.';
	}
	m->bytes[m->n++] = 0;
}

/* Header and question. */
static void put_question(struct message *m, uint16_t id, unsigned flags, unsigned n_answers, const char *name)
{
	m->n = 0;
	put16(m, id);
	put16(m, flags);
	put16(m, 1);
	put16(m, n_answers);
	put16(m, 0);
	put16(m, 0);
	put_name(m, name);
	put16(m, TYPE_A);
	put16(m, CLASS_IN);
}

static void put_answer(struct message *m, be32 addr)
{
	put16(m, POINTER_TO_QUESTION);
	put16(m, TYPE_A);
	put16(m, CLASS_IN);
	put16(m, 0);
	put16(m, TTL_S);
	put16(m, sizeof(addr.raw));
	memcpy(m->bytes + m->n, &addr.raw, sizeof(addr.raw));
	m->n += sizeof(addr.raw);
}

static void make_query(struct message *m, uint16_t id, const char *name)
{
	put_question(m, id, FLAG_RECURSION_DESIRED, 0, name);
}

static void make_answer(struct message *m, uint16_t id, const char *name, const be32 *addr)
{
	unsigned flags = FLAG_RESPONSE | FLAG_RECURSION_DESIRED | FLAG_RECURSION_AVAILABLE;

	put_question(m, id, addr ? flags : flags | RCODE_NXDOMAIN, addr ? 1 : 0, name);
	if (addr)
		put_answer(m, *addr);
}

static const struct payload *finished(struct arena *arena, const struct message *m)
{
	return payload_new(arena, m->bytes, m->n, NULL, 0, 0, NULL, 0);
}

/* Ends with an OPT record, the additional one. Its padding are zeros. */
static const struct payload *padded(struct arena *arena, struct message *m, uint32_t size_bytes)
{
	static const uint8_t zeros[64];
	if (size_bytes <= m->n)
		return finished(arena, m);
	uint32_t padding_bytes = size_bytes > m->n + OPT_BYTES ? size_bytes - (uint32_t)m->n - OPT_BYTES : 0;
	if (padding_bytes > EDNS_MAX_BYTES - 4)
		padding_bytes = EDNS_MAX_BYTES - 4;
	m->bytes[HEADER_BYTES - 1] = 1;
	m->bytes[m->n++] = 0; /* the root's name */
	put16(m, TYPE_OPT);
	put16(m, EDNS_MAX_BYTES); /* that the sender takes; in place of a class */
	put16(m, 0);
	put16(m, 0); /* no extended code, version 0, no flags; in place of a TTL */
	put16(m, padding_bytes + 4);
	put16(m, OPTION_PADDING);
	put16(m, padding_bytes);
	uint32_t repeat = padding_bytes / sizeof zeros;
	return payload_new(arena, m->bytes, m->n, zeros, repeat > 0 ? sizeof zeros : 0, repeat, zeros,
			   padding_bytes % sizeof zeros);
}

const struct payload *dns_query(struct arena *arena, uint16_t id, const char *name)
{
	struct message m;

	make_query(&m, id, name);
	return finished(arena, &m);
}

const struct payload *dns_answer(struct arena *arena, uint16_t id, const char *name, const be32 *addr)
{
	struct message m;

	make_answer(&m, id, name, addr);
	return finished(arena, &m);
}

const struct payload *dns_padded_query(struct arena *arena, uint16_t id, const char *name, uint32_t size_bytes)
{
	struct message m;

	make_query(&m, id, name);
	return padded(arena, &m, size_bytes);
}

const struct payload *dns_padded_answer(struct arena *arena, uint16_t id, const char *name, const be32 *addr,
					uint32_t size_bytes)
{
	struct message m;

	make_answer(&m, id, name, addr);
	return padded(arena, &m, size_bytes);
}

/* DOC: a datagram is known by who received it, source, destination, protocol and IP id. Which of its units of 8 bytes
 * have come is a set of bits, so pieces may come in any order, twice, or overlap. The bytes themselves need no buffer:
 * the first piece has the headers and a view on the payload of all. */
#include "host/reassembly.h"
#include "net/fragment.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_UNITS 8192u /* 65535 bytes */

struct datagram {
	struct datagram *next; /* younger */
	uint32_t machine;
	be32 src, dst;
	be16 ip_id;
	uint8_t proto;
	bool has_first;
	struct instant until;
	uint32_t total_bytes; /* behind the IP header; 0 until the last piece came */
	uint32_t n_units;
	uint64_t units[MAX_UNITS / 64];
	struct packet whole; /* as the first piece was, then the datagram */
};

struct reassembly {
	struct datagram *oldest;
	uint32_t n;
	struct datagram *done; /* what the last call gave out */
};

int reassembly_new(struct reassembly **ret)
{
	*ret = calloc(1, sizeof **ret);
	return *ret ? 0 : -ENOMEM;
}

struct reassembly *reassembly_free(struct reassembly *reassembly)
{
	if (!reassembly)
		return NULL;
	while (reassembly->oldest) {
		struct datagram *next = reassembly->oldest->next;
		free(reassembly->oldest);
		reassembly->oldest = next;
	}
	free(reassembly->done);
	free(reassembly);
	return NULL;
}

static void give_up_oldest(struct reassembly *reassembly)
{
	struct datagram *oldest = reassembly->oldest;
	reassembly->oldest = oldest->next;
	reassembly->n--;
	free(oldest);
}

static bool is_of(const struct datagram *datagram, uint32_t machine, const struct ipv4_header *ip)
{
	return datagram->machine == machine && datagram->src.raw == ip->src.raw && datagram->dst.raw == ip->dst.raw &&
	       datagram->ip_id.raw == ip->id.raw && datagram->proto == ip->proto;
}

/* Where the pointer to the datagram stands, or where a new one goes: the list's end, as time only goes forward. */
static struct datagram **find(struct reassembly *reassembly, uint32_t machine, const struct ipv4_header *ip)
{
	struct datagram **at = &reassembly->oldest;
	while (*at && !is_of(*at, machine, ip))
		at = &(*at)->next;
	return at;
}

static struct datagram *begin(struct reassembly *reassembly, uint32_t machine, const struct ipv4_header *ip,
			      struct instant now)
{
	struct datagram *made = calloc(1, sizeof *made);
	if (!made)
		return NULL;
	made->machine = machine;
	made->src = ip->src;
	made->dst = ip->dst;
	made->ip_id = ip->id;
	made->proto = ip->proto;
	made->until = instant_add(now, REASSEMBLY_TIMEOUT_NS);
	reassembly->n++;
	return made;
}

static void take(struct datagram *datagram, const struct packet *fragment)
{
	struct fragment_span span = fragment_span(fragment);
	if (span.first_byte == 0) {
		datagram->has_first = true;
		datagram->whole = *fragment;
	}
	if (span.last)
		datagram->total_bytes = span.first_byte + span.n_bytes;
	for (uint32_t unit = span.first_byte / 8; unit < (span.first_byte + span.n_bytes + 7) / 8 && unit < MAX_UNITS;
	     unit++) {
		uint64_t bit = UINT64_C(1) << unit % 64;
		datagram->n_units += (datagram->units[unit / 64] & bit) == 0;
		datagram->units[unit / 64] |= bit;
	}
}

int reassembly_add(struct reassembly *reassembly, uint32_t machine, const struct packet *fragment, struct instant now,
		   const struct packet **ret)
{
	*ret = NULL;
	free(reassembly->done);
	reassembly->done = NULL;
	while (reassembly->oldest && instant_reached(now, reassembly->oldest->until))
		give_up_oldest(reassembly);
	struct datagram **at = find(reassembly, machine, packet_ip_const(fragment));
	if (!*at && reassembly->n == REASSEMBLY_MAX_DATAGRAMS) {
		give_up_oldest(reassembly);
		at = find(reassembly, machine, packet_ip_const(fragment));
	}
	if (!*at)
		*at = begin(reassembly, machine, packet_ip_const(fragment), now);
	struct datagram *datagram = *at;
	if (!datagram)
		return -ENOMEM;
	take(datagram, fragment);
	if (!datagram->has_first || datagram->total_bytes == 0 || datagram->n_units < (datagram->total_bytes + 7) / 8)
		return 0;
	*at = datagram->next;
	reassembly->n--;
	reassembly->done = datagram;
	fragment_join(&datagram->whole, datagram->total_bytes);
	*ret = &datagram->whole;
	return 0;
}

/* DOC: the table of flow records. Open addressing with linear probing; a slot holds the whole record, 32 bytes, so that
 * a packet costs one or two cache lines. Records are never taken out one by one: an expired one stays where it is, is
 * revived when its flow comes back, and is left behind when the table is made again. That happens when three quarters of
 * the slots are taken; afterwards at most half are, so the cost is spread over as many openings as a quarter of the
 * table. */
#include "rule/record.h"
#include "base/random.h"
#include <errno.h>
#include <stdlib.h>

#define MIN_SLOTS 64u
#define TAKEN (UINT32_C(1) << 31)

struct record {
	struct tuple local;
	uint32_t machine;
	uint32_t tag; /* the hash and TAKEN; 0: an empty slot */
	struct instant ends;
};
_Static_assert(sizeof(struct record) == 32, "two of them in a cache line");

struct records {
	struct record *slots;
	uint32_t mask;
	uint32_t n;
};

int records_new(struct records **ret)
{
	struct records *records = malloc(sizeof *records);
	if (!records)
		return -ENOMEM;
	*records = (struct records){.slots = calloc(MIN_SLOTS, sizeof *records->slots), .mask = MIN_SLOTS - 1};
	if (!records->slots) {
		free(records);
		return -ENOMEM;
	}
	*ret = records;
	return 0;
}

struct records *records_free(struct records *records)
{
	if (records) {
		free(records->slots);
		free(records);
	}
	return NULL;
}

static uint32_t tag_of(uint32_t machine, const struct tuple *t)
{
	uint64_t ends = (uint64_t)be32_key(t->src) << 32 | be32_key(t->dst);
	uint64_t ports = (uint64_t)be16_key(t->src_port) << 16 | be16_key(t->dst_port);
	uint64_t rest = (uint64_t)machine << 32 | ports;
	return (uint32_t)(random_join(ends, rest ^ (uint64_t)t->proto << 56) >> 32) | TAKEN;
}

/* The record of the flow, or the empty slot where it belongs. */
static struct record *find(const struct records *records, uint32_t tag, uint32_t machine, const struct tuple *local)
{
	for (uint32_t i = tag & records->mask;; i = (i + 1) & records->mask) {
		struct record *record = &records->slots[i];
		if (record->tag == 0 ||
		    (record->tag == tag && record->machine == machine && tuple_equal(&record->local, local)))
			return record;
	}
}

static bool is_live(const struct record *record, struct instant now)
{
	return record->tag != 0 && !instant_reached(now, record->ends);
}

uint32_t record_find(const struct records *records, uint32_t machine, const struct tuple *local, struct instant now)
{
	const struct record *record = find(records, tag_of(machine, local), machine, local);
	return is_live(record, now) ? (uint32_t)(record - records->slots) : RECORD_NONE;
}

void record_touch(struct records *records, uint32_t handle, struct instant now)
{
	records->slots[handle].ends = instant_add(now, RECORD_IDLE_NS);
}

bool record_use(struct records *records, uint32_t machine, const struct tuple *local, struct instant now)
{
	uint32_t handle = record_find(records, machine, local, now);
	if (handle == RECORD_NONE)
		return false;
	record_touch(records, handle, now);
	return true;
}

bool record_is_live(const struct records *records, uint32_t machine, const struct tuple *local, struct instant now)
{
	return record_find(records, machine, local, now) != RECORD_NONE;
}

/* Makes the table again, without what has expired, and with room. */
static int renew(struct records *records, struct instant now)
{
	uint32_t n_live = 0;
	for (uint32_t i = 0; i <= records->mask; i++)
		n_live += is_live(&records->slots[i], now);
	uint32_t n_slots = MIN_SLOTS;
	while (n_slots / 2 < n_live + 1) {
		if (n_slots == TAKEN)
			return -ENOMEM;
		n_slots *= 2;
	}
	struct records renewed = {.slots = calloc(n_slots, sizeof *records->slots), .mask = n_slots - 1, .n = n_live};
	if (!renewed.slots)
		return -ENOMEM;
	for (uint32_t i = 0; i <= records->mask; i++) {
		const struct record *record = &records->slots[i];
		if (is_live(record, now))
			*find(&renewed, record->tag, record->machine, &record->local) = *record;
	}
	free(records->slots);
	*records = renewed;
	return 0;
}

int record_open(struct records *records, uint32_t machine, const struct tuple *local, struct instant now)
{
	uint32_t tag = tag_of(machine, local);
	struct record *record = find(records, tag, machine, local);
	if (record->tag == 0) {
		if (records->n + 1 > (records->mask + 1) / 4 * 3) {
			int r = renew(records, now);
			if (r < 0)
				return r;
			record = find(records, tag, machine, local);
		}
		*record = (struct record){.local = *local, .machine = machine, .tag = tag};
		records->n++;
	}
	record->ends = instant_add(now, RECORD_IDLE_NS);
	return 0;
}

void records_forget(struct records *records, uint32_t machine)
{
	/* The slot stays taken: others may stand behind it. */
	for (uint32_t i = 0; i <= records->mask; i++)
		if (records->slots[i].machine == machine)
			records->slots[i].ends = (struct instant){INT64_MIN};
}

size_t records_n(const struct records *records)
{
	return records->n;
}

/* DOC: sums[i] is the sum of the first i big-endian words of an extent, the last word padded. A sum from an odd place
 * is the sum of the bytes swapped (RFC 1071 2(B)), so the sum of [a, b) is taken as sum(0, b) - sum(0, a) in one's
 * complement arithmetic, each prefix at the extent's own parity. */
#include "net/payload.h"
#include "base/arena.h"
#include <string.h>

static uint32_t fold(uint64_t sum)
{
	/* 64 bits to 33, 18, 17, 16. */
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint32_t)((sum & 0xffff) + (sum >> 16));
}

static uint32_t swap(uint32_t sum)
{
	return (sum >> 8 | sum << 8) & 0xffff;
}

static int extent_make(struct arena *arena, struct payload_extent *extent, const void *bytes, size_t size_bytes,
		       uint32_t repeat)
{
	*extent = (struct payload_extent){0};
	if (size_bytes == 0 || repeat == 0)
		return 0;
	uint8_t *copy = arena_alloc(arena, size_bytes);
	size_t n_words = (size_bytes + 1) / 2;
	uint32_t *sums = arena_array(arena, n_words + 1, sizeof *sums);
	if (!copy || !sums)
		return -1;
	memcpy(copy, bytes, size_bytes);
	for (size_t i = 0; i < n_words; i++) {
		uint32_t word = (uint32_t)copy[2 * i] << 8 | (2 * i + 1 < size_bytes ? copy[2 * i + 1] : 0u);
		sums[i + 1] = fold((uint64_t)sums[i] + word);
	}
	*extent = (struct payload_extent){copy, sums, (uint32_t)size_bytes, repeat};
	return 0;
}

/* ---- sums ---- */

/* The sum of bytes [0, end) of one repetition, as if it began at an even place. */
static uint32_t prefix_sum(const struct payload_extent *extent, uint32_t end)
{
	uint32_t sum = extent->sums[end / 2];
	return end % 2 ? fold((uint64_t)sum + ((uint32_t)extent->bytes[end - 1] << 8)) : sum;
}

/* The sum of bytes [from, to) of one repetition, as if it began at an even place. */
static uint32_t slice_sum(const struct payload_extent *extent, uint32_t from, uint32_t to)
{
	uint32_t sum = fold((uint64_t)prefix_sum(extent, to) + (0xffff - prefix_sum(extent, from)));
	return from % 2 ? swap(sum) : sum;
}

/* Adds a piece that begins `at` bytes into what is being summed. */
static uint32_t place(uint32_t sum, uint32_t piece, uint32_t at)
{
	return fold((uint64_t)sum + (at % 2 ? swap(piece) : piece));
}

/* The sum of `n` whole repetitions, the first at an even place. */
static uint32_t repeated_sum(const struct payload_extent *extent, uint32_t n)
{
	uint64_t once = prefix_sum(extent, extent->size_bytes);
	if (extent->size_bytes % 2 == 0)
		return fold(once * n);
	return fold(once * ((n + 1) / 2) + (uint64_t)swap((uint32_t)once) * (n / 2));
}

static uint32_t any_sum(const struct payload *payload, uint32_t offset, uint32_t size_bytes)
{
	uint32_t sum = 0, done = 0;
	for (int i = 0; i < 3 && done < size_bytes; i++) {
		const struct payload_extent *extent = &payload->part[i];
		uint32_t total = extent->size_bytes * extent->repeat;
		if (offset >= total) {
			offset -= total;
			continue;
		}
		uint32_t want = size_bytes - done < total - offset ? size_bytes - done : total - offset;
		uint32_t at = offset % extent->size_bytes;
		uint32_t first = extent->size_bytes - at < want ? extent->size_bytes - at : want;
		sum = place(sum, slice_sum(extent, at, at + first), done);
		done += first;
		want -= first;
		uint32_t whole = want / extent->size_bytes;
		if (whole > 0) {
			sum = place(sum, repeated_sum(extent, whole), done);
			done += whole * extent->size_bytes;
			want -= whole * extent->size_bytes;
		}
		if (want > 0) {
			sum = place(sum, slice_sum(extent, 0, want), done);
			done += want;
		}
		offset = 0;
	}
	return sum;
}

/* ---- making ---- */

static uint32_t slice_bytes(const struct payload *payload, uint32_t offset)
{
	uint32_t left = payload->size_bytes - offset;
	return left < PAYLOAD_SLICE_BYTES ? left : PAYLOAD_SLICE_BYTES;
}

static int slices_make(struct arena *arena, struct payload *payload)
{
	uint32_t n = payload->size_bytes / PAYLOAD_SLICE_BYTES + (payload->size_bytes % PAYLOAD_SLICE_BYTES != 0);
	n = n < PAYLOAD_MAX_SLICES ? n : PAYLOAD_MAX_SLICES;
	uint16_t *slices = arena_array(arena, n, sizeof *slices);
	if (n > 0 && !slices)
		return -1;
	for (uint32_t i = 0; i < n; i++)
		slices[i] = (uint16_t)any_sum(payload, i * PAYLOAD_SLICE_BYTES,
					      slice_bytes(payload, i * PAYLOAD_SLICE_BYTES));
	payload->slices = slices;
	payload->n_slices = n;
	return 0;
}

const struct payload *payload_new(struct arena *arena, const void *head, size_t head_bytes, const void *cycle,
				  size_t cycle_bytes, uint32_t repeat, const void *tail, size_t tail_bytes)
{
	if (head_bytes > PAYLOAD_MAX_BYTES || tail_bytes > PAYLOAD_MAX_BYTES || cycle_bytes > PAYLOAD_MAX_BYTES ||
	    head_bytes + tail_bytes + (uint64_t)cycle_bytes * repeat > PAYLOAD_MAX_BYTES)
		return NULL;
	struct payload *payload = arena_alloc(arena, sizeof *payload);
	if (!payload || extent_make(arena, &payload->part[0], head, head_bytes, 1) < 0 ||
	    extent_make(arena, &payload->part[1], cycle, cycle_bytes, repeat) < 0 ||
	    extent_make(arena, &payload->part[2], tail, tail_bytes, 1) < 0)
		return NULL;
	payload->size_bytes = (uint32_t)(head_bytes + tail_bytes + cycle_bytes * repeat);
	return slices_make(arena, payload) < 0 ? NULL : payload;
}

/* Writes `n` bytes of the repeated extent from `at` on. A line of text is short and stands in a segment some forty
 * times: what was written is copied on, twice as much each time. */
static void copy_cycle(const struct payload_extent *extent, uint32_t at, uint32_t n, uint8_t *out)
{
	uint32_t cycle = extent->size_bytes;
	uint32_t first = cycle - at < n ? cycle - at : n;
	memcpy(out, extent->bytes + at, first);
	uint32_t done = first, whole = 0; /* whole: cycles that end at out + done */
	while (done < n) {
		const uint8_t *from = whole > 0 ? out + done - (size_t)whole * cycle : extent->bytes;
		uint32_t step = whole > 0 ? whole * cycle : cycle;
		step = step < n - done ? step : n - done;
		memcpy(out + done, from, step);
		done += step;
		whole = whole > 0 ? whole * 2 : 1;
	}
}

void payload_copy(const struct payload *payload, uint32_t offset, uint32_t size_bytes, uint8_t *out)
{
	for (int i = 0; i < 3 && size_bytes > 0; i++) {
		const struct payload_extent *extent = &payload->part[i];
		uint32_t total = extent->size_bytes * extent->repeat;
		if (offset >= total) {
			offset -= total;
			continue;
		}
		uint32_t n = size_bytes < total - offset ? size_bytes : total - offset;
		copy_cycle(extent, offset % extent->size_bytes, n, out);
		out += n;
		size_bytes -= n;
		offset = 0;
	}
}

uint32_t payload_sum(const struct payload *payload, uint32_t offset, uint32_t size_bytes)
{
	uint32_t slice = offset / PAYLOAD_SLICE_BYTES;
	if (slice < payload->n_slices && offset % PAYLOAD_SLICE_BYTES == 0 &&
	    size_bytes == slice_bytes(payload, offset))
		return payload->slices[slice];
	return any_sum(payload, offset, size_bytes);
}

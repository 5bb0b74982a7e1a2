/* DOC: sequence numbers that are shifted, see sequence.h. Numbers are compared modulo 2^32. */
#include "rule/sequence.h"

static bool is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

void sequence_grow(struct sequence_shift *shift, uint32_t seq, int32_t by)
{
	if (shift->is_used && is_after(shift->at, seq))
		return; /* of a line before the last one: it has arrived */
	if (!shift->is_used || seq != shift->at)
		*shift = (struct sequence_shift){.at = seq, .before = shift->after, .is_used = true};
	shift->after = shift->before + by;
}

uint32_t sequence_there(const struct sequence_shift *shift, uint32_t seq)
{
	return seq + (uint32_t)(is_after(seq, shift->at) ? shift->after : shift->before);
}

uint32_t sequence_back(const struct sequence_shift *shift, uint32_t ack)
{
	bool is_behind = is_after(ack - (uint32_t)shift->before, shift->at);
	return ack - (uint32_t)(is_behind ? shift->after : shift->before);
}

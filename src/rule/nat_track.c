/* DOC: a TCP connection as a router in its middle sees it. It has a state, which each segment's flags and direction
 * move, and for each end the sequence numbers that are known: the end of what it sent, the end of the other's window,
 * the largest window it offered (G. van Rooij, "Real Stateful TCP Packet Filtering in IP Filter", 2000; RFC 9293). A
 * segment outside of the windows is invalid, or is one that the receiver will answer itself. Sources: netfilter's
 * documentation (nf_conntrack-sysctl), its behaviour on kernel 6.18 (docs/conformance.md), RFC 5961 for challenge ACKs. */
#include "rule/nat_track.h"
#include "net/header.h"
#include <assert.h>
#include <stddef.h>

enum index { INDEX_SYN, INDEX_SYN_ACK, INDEX_FIN, INDEX_ACK, INDEX_RST, INDEX_NONE, INDEX_COUNT };
enum end_flag {
	END_SCALES = 1,
	END_SACK = 2,
	END_CLOSED_FIRST = 4,
	END_LIBERAL = 8,
	END_UNACKNOWLEDGED = 16,
	END_HAS_ACK = 32,
	LAST_CHALLENGED = 64,
	LAST_SIMULTANEOUS = 128,
};

#define IG (NAT_TCP_COUNT + 1) /* the receiver will say what it is */
#define IV (NAT_TCP_COUNT + 2) /* no such segment can be */
#define SS NAT_TCP_SYN_SENT
#define SR NAT_TCP_SYN_RECV
#define ES NAT_TCP_ESTABLISHED
#define FW NAT_TCP_FIN_WAIT
#define CW NAT_TCP_CLOSE_WAIT
#define LA NAT_TCP_LAST_ACK
#define TW NAT_TCP_TIME_WAIT
#define CL NAT_TCP_CLOSE
#define S2 NAT_TCP_SYN_SENT2
/* The next state: by who sends (who opened it, the other), the segment's kind, and the state so far: none, SYN sent,
 * SYN received, established, FIN wait, close wait, last ACK, time wait, closed, both sent SYN. */
static const uint8_t next_states[2][INDEX_COUNT][NAT_TCP_COUNT] = {
	{
		[INDEX_SYN] = {SS, SS, IG, IG, IG, IG, IG, SS, SS, S2},
		[INDEX_SYN_ACK] = {IV, IV, SR, IV, IV, IV, IV, IV, IV, SR},
		[INDEX_FIN] = {IV, IV, FW, FW, LA, LA, LA, TW, CL, IV},
		[INDEX_ACK] = {ES, IV, ES, ES, CW, CW, TW, TW, CL, IV},
		[INDEX_RST] = {IV, CL, CL, CL, CL, CL, CL, CL, CL, CL},
		[INDEX_NONE] = {IV, IV, IV, IV, IV, IV, IV, IV, IV, IV},
	},
	{
		[INDEX_SYN] = {IV, S2, IV, IV, IV, IV, IV, SS, IV, S2},
		[INDEX_SYN_ACK] = {IV, SR, IG, IG, IG, IG, IG, IG, IG, SR},
		[INDEX_FIN] = {IV, IV, FW, FW, LA, LA, LA, TW, CL, IV},
		[INDEX_ACK] = {IV, IG, SR, ES, CW, CW, TW, TW, CL, IG},
		[INDEX_RST] = {IV, CL, CL, CL, CL, CL, CL, CL, CL, CL},
		[INDEX_NONE] = {IV, IV, IV, IV, IV, IV, IV, IV, IV, IV},
	},
};

static const char *const names[] = {
	[NAT_TCP_NONE] = NULL,
	[NAT_TCP_SYN_SENT] = "syn-sent",
	[NAT_TCP_SYN_RECV] = "syn-received",
	[NAT_TCP_ESTABLISHED] = "established",
	[NAT_TCP_FIN_WAIT] = "fin-wait",
	[NAT_TCP_CLOSE_WAIT] = "close-wait",
	[NAT_TCP_LAST_ACK] = "last-ack",
	[NAT_TCP_TIME_WAIT] = "time-wait",
	[NAT_TCP_CLOSE] = "closed",
	[NAT_TCP_SYN_SENT2] = "syn-sent-both",
};
static_assert(sizeof names / sizeof *names == NAT_TCP_COUNT, "a name for each state");

const char *nat_tcp_name(enum nat_tcp state)
{
	return names[state];
}

/* ---- sequence numbers ---- */

static bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static bool after(uint32_t a, uint32_t b)
{
	return before(b, a);
}

static uint32_t end_of(const struct nat_segment *segment)
{
	return segment->seq + segment->data_bytes + ((segment->flags & TCP_SYN) != 0) +
	       ((segment->flags & TCP_FIN) != 0);
}

static enum index index_of(uint8_t flags)
{
	return flags & TCP_RST   ? INDEX_RST
	       : flags & TCP_SYN ? (flags & TCP_ACK ? INDEX_SYN_ACK : INDEX_SYN)
	       : flags & TCP_FIN ? INDEX_FIN
	       : flags & TCP_ACK ? INDEX_ACK
				 : INDEX_NONE;
}

/* FIN without ACK, SYN with FIN or RST, nothing at all: no TCP sends them. */
static bool flags_are_possible(uint8_t flags)
{
	uint8_t of = flags & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK);
	return of == TCP_SYN || of == (TCP_SYN | TCP_ACK) || of == TCP_RST || of == (TCP_RST | TCP_ACK) ||
	       of == (TCP_FIN | TCP_ACK) || of == TCP_ACK;
}

/* A SYN without options leaves what is known as it is; with options it leaves the leniency of an end whose history is not
 * known. */
static void take_options(const struct nat_segment *segment, uint8_t *flags, uint8_t *scale)
{
	if (!segment->has_options)
		return;
	*flags = (uint8_t)((*flags & END_LIBERAL) | (segment->sack_permitted ? END_SACK : 0));
	*scale = 0;
	if (segment->scale != NAT_NO_SCALE) {
		*flags |= END_SCALES;
		*scale = segment->scale > 14 ? 14 : segment->scale;
	}
}

/* ---- windows ---- */

#define LATE_ACK_BYTES 66000u /* an acknowledgment may be so old */

static uint32_t at_least_one(uint32_t window)
{
	return window == 0 ? 1 : window;
}

/* Windows scale where both ends say so, which is known with the answer. */
static void begin_end(struct nat_track_end *sender, struct nat_track_end *receiver, const struct nat_segment *segment,
		      uint32_t end, bool by_other)
{
	sender->end = sender->max_end = end;
	sender->max_window = at_least_one(segment->window);
	take_options(segment, &sender->flags, &sender->scale);
	if (by_other && ((sender->flags & END_SCALES) == 0 || (receiver->flags & END_SCALES) == 0))
		sender->scale = receiver->scale = 0;
}

struct extent {
	uint32_t seq, end, ack, sack, window;
};

/* What a segment without an acknowledgment, or a reset, stands for. */
static void complete(const struct nat_track *track, const struct nat_segment *segment,
		     const struct nat_track_end *sender, const struct nat_track_end *receiver, struct extent *extent)
{
	bool has_ack = (segment->flags & TCP_ACK) != 0, is_reset = (segment->flags & TCP_RST) != 0;
	if (!has_ack || (is_reset && extent->ack == 0))
		extent->ack = extent->sack = receiver->end;
	if (is_reset && extent->seq == 0 && track->state == NAT_TCP_SYN_SENT)
		extent->seq = extent->end = sender->end;
}

static void note_window(struct nat_track *track, const struct nat_segment *segment, bool by_other,
			struct nat_track_end *sender, struct nat_track_end *receiver, struct extent extent)
{
	uint32_t window = segment->flags & TCP_SYN ? extent.window : extent.window << sender->scale;
	uint32_t offered = window + (extent.sack - extent.ack);
	sender->max_window = sender->max_window < offered ? offered : sender->max_window;
	if (after(extent.end, sender->end)) {
		sender->end = extent.end;
		sender->flags |= END_UNACKNOWLEDGED;
	}
	if ((segment->flags & TCP_ACK) != 0 &&
	    ((sender->flags & END_HAS_ACK) == 0 || after(extent.ack, sender->max_ack))) {
		sender->max_ack = extent.ack;
		sender->flags |= END_HAS_ACK;
	}
	if (receiver->max_window != 0 && after(extent.end, sender->max_end))
		receiver->max_window += extent.end - sender->max_end;
	if (after(extent.sack + window, receiver->max_end - 1))
		receiver->max_end = extent.sack + window + (window == 0);
	if (extent.ack == receiver->end)
		receiver->flags &= (uint8_t)~END_UNACKNOWLEDGED;
	if (index_of(segment->flags) != INDEX_ACK)
		return;
	if (track->last_by_other == by_other && track->last_seq == extent.seq && track->last_ack == extent.ack &&
	    track->last_end == extent.end && track->last_window == window) {
		track->n_retransmissions = (uint8_t)(track->n_retransmissions + (track->n_retransmissions < UINT8_MAX));
		return;
	}
	track->last_by_other = by_other;
	track->last_seq = extent.seq;
	track->last_ack = extent.ack;
	track->last_end = extent.end;
	track->last_window = window;
	track->n_retransmissions = 0;
}

/* Is it within what the other end may take, and does it acknowledge what was sent? ACCEPT, IGNORE or INVALID. */
static enum nat_track_verdict look_at_window(const struct nat_track_rules *rules, struct nat_track *track,
					     const struct nat_segment *segment, bool by_other)
{
	struct nat_track_end *sender = &track->ends[by_other], *receiver = &track->ends[!by_other];
	uint32_t end = end_of(segment);
	bool is_syn = (segment->flags & TCP_SYN) != 0, has_ack = (segment->flags & TCP_ACK) != 0;
	struct extent extent = {segment->seq, end, segment->ack, segment->ack, segment->window};
	if ((receiver->flags & END_SACK) != 0 && segment->has_sack && after(segment->sack, extent.sack))
		extent.sack = segment->sack;
	if (sender->max_window == 0 && is_syn) {
		begin_end(sender, receiver, segment, end, by_other);
		if (!has_ack)
			return NAT_TRACK_ACCEPT; /* both open at once */
	} else if (sender->max_window == 0) {    /* in the middle: its history is not known */
		sender->end = end;
		sender->max_window = at_least_one((uint32_t)segment->window << sender->scale);
		sender->max_end = end + sender->max_window;
		if (receiver->max_window == 0)
			receiver->end = receiver->max_end = extent.sack;
		else if (extent.sack == receiver->end + 1)
			receiver->end++; /* the answer to a keep-alive */
	} else if (is_syn && after(end, sender->end) &&
		   (track->state == NAT_TCP_SYN_SENT || track->state == NAT_TCP_SYN_RECV)) {
		begin_end(sender, receiver, segment, end, by_other);
		if (by_other && !has_ack)
			return NAT_TRACK_ACCEPT;
	}
	complete(track, segment, sender, receiver, &extent);

	uint32_t late = sender->max_window > LATE_ACK_BYTES ? sender->max_window : LATE_ACK_BYTES;
	bool seq_fits = before(extent.seq, sender->max_end + 1), sack_fits = before(extent.sack, receiver->end + 1),
	     ack_in_time = after(extent.sack, receiver->end - late - 1),
	     in_window = receiver->max_window == 0 || after(extent.end, sender->end - receiver->max_window - 1);
	bool liberal = rules->liberal || (sender->flags & END_LIBERAL) != 0;
	if (seq_fits && sack_fits && in_window && ack_in_time) {
		note_window(track, segment, by_other, sender, receiver, extent);
		return NAT_TRACK_ACCEPT;
	}
	if (!seq_fits && receiver->max_window != 0 && in_window && ack_in_time && sack_fits &&
	    extent.end - sender->max_end + 1 <= receiver->max_window) { /* somewhat more than was offered */
		sender->end = extent.end;
		sender->flags |= END_UNACKNOWLEDGED;
		return liberal ? NAT_TRACK_ACCEPT : NAT_TRACK_IGNORE;
	}
	if (liberal)
		return NAT_TRACK_ACCEPT;
	return !seq_fits || !sack_fits ? NAT_TRACK_INVALID : NAT_TRACK_IGNORE;
}

/* ---- states ---- */

static bool is_ending(enum nat_tcp state)
{
	return state >= NAT_TCP_FIN_WAIT && state <= NAT_TCP_CLOSE;
}

static bool is_established(const struct nat_track *track)
{
	return track->state == NAT_TCP_ESTABLISHED && track->assured;
}

static void note_last(struct nat_track *track, enum index index, bool by_other)
{
	track->last_index = (uint8_t)index;
	track->last_by_other = by_other;
}

/* It may be right or wrong; the receiver's answer will say. */
static void note_ignored(struct nat_track *track, const struct nat_segment *segment, enum index index, bool by_other)
{
	note_last(track, index, by_other);
	track->last_seq = segment->seq;
	track->last_end = end_of(segment);
	track->last_window = segment->window;
	if (index == INDEX_SYN && !by_other) {
		track->last_flags = track->last_scale = 0;
		take_options(segment, &track->last_flags, &track->last_scale);
		if (track->state == NAT_TCP_LAST_ACK)
			track->last_flags |= LAST_CHALLENGED;
	}
	if (track->state == NAT_TCP_SYN_SENT && index == INDEX_ACK && by_other)
		track->last_ack = segment->ack;
}

/* SYN and ACK for a SYN that was let through though it fitted nothing: both ends know better. */
static bool answers_ignored_syn(const struct nat_track *track, const struct nat_segment *segment, enum index index,
				bool by_other)
{
	return index == INDEX_SYN_ACK && track->last_index == INDEX_SYN && track->last_by_other != by_other &&
	       segment->ack == track->last_end;
}

static void believe_ignored_syn(struct nat_track *track, bool by_other)
{
	struct nat_track_end *opener = &track->ends[track->last_by_other];
	opener->end = opener->max_end = track->last_end;
	opener->max_window = at_least_one(track->last_window);
	opener->scale = track->last_scale;
	track->last_flags &= (uint8_t)~LAST_CHALLENGED;
	opener->flags = track->last_flags;
	track->ends[by_other] = (struct nat_track_end){.flags = track->ends[by_other].flags & END_LIBERAL};
	track->state = NAT_TCP_SYN_SENT;
}

/* A reset: the state after it; INVALID where it cannot be the peer's. */
static enum nat_track_verdict look_at_reset(struct nat_track *track, const struct nat_segment *segment, bool by_other,
					    bool *ret_in_window, uint8_t *next)
{
	const struct nat_track_end *receiver = &track->ends[!by_other];
	*ret_in_window = is_ending(track->state); /* the end points may be another connection's by now */
	/* The answer to a challenge ACK that a SYN has drawn. */
	*ret_in_window = *ret_in_window || (track->state == NAT_TCP_SYN_SENT && track->last_by_other &&
					    track->last_index == INDEX_ACK && segment->seq == track->last_ack);
	if (*ret_in_window)
		return NAT_TRACK_ACCEPT;
	if ((receiver->flags & END_HAS_ACK) != 0 && track->last_index != INDEX_SYN) {
		if (segment->seq == 0 && !is_established(track))
			return NAT_TRACK_ACCEPT;
		if (before(segment->seq, receiver->max_ack))
			return NAT_TRACK_INVALID;
		bool is_next = track->last_index == INDEX_ACK && track->last_by_other == by_other &&
			       segment->seq == track->last_end;
		if (!is_established(track) || segment->seq == receiver->max_ack || is_next)
			return NAT_TRACK_ACCEPT;
		*next = track->state; /* not exactly: a challenge ACK may follow (RFC 5961) */
	}
	*ret_in_window = ((track->replied && track->last_index == INDEX_SYN && track->last_by_other != by_other) ||
			  (!track->assured && track->last_index == INDEX_ACK)) &&
			 segment->ack == track->last_end;
	return NAT_TRACK_ACCEPT;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t time_of(const struct nat_track_timers *timers, const struct nat_track *track, enum index index)
{
	int64_t of_state = timers->of[track->state];
	if (track->n_retransmissions >= timers->max_retrans && of_state > timers->retransmitting)
		return timers->retransmitting;
	if (index == INDEX_RST)
		return timers->of[NAT_TCP_CLOSE];
	if (((track->ends[0].flags | track->ends[1].flags) & END_UNACKNOWLEDGED) != 0)
		return least(of_state, timers->unacknowledged);
	return track->last_window == 0 ? least(of_state, timers->retransmitting) : of_state;
}

/* A FIN or reset outside of the window, and an answer to one: what is known may be out of step, and is not kept for
 * days. */
static void note_invalid(const struct nat_track_timers *timers, struct nat_track *track, enum index index,
			 bool by_other, struct instant now)
{
	if (!track->assured || (index != INDEX_RST && index != INDEX_FIN))
		return;
	if (track->last_by_other == by_other || (track->last_index != INDEX_FIN && track->last_index != INDEX_RST)) {
		note_last(track, index, by_other);
		return;
	}
	struct instant sooner = instant_add(now, timers->unacknowledged);
	if (!instant_before(track->due, instant_add(now, 120 * NS_PER_S)) && instant_before(sooner, track->due))
		track->due = sooner;
}

/* The state that its flags lead to; may decide at once. */
static bool decide(struct nat_track *track, const struct nat_segment *segment, enum index index, bool by_other,
		   uint8_t *next, bool *ret_in_window, enum nat_track_verdict *ret)
{
	*ret_in_window = false;
	*ret = NAT_TRACK_IGNORE;
	if (*next == SS && track->state >= NAT_TCP_TIME_WAIT && track->state != NAT_TCP_SYN_SENT2) {
		if (((track->ends[0].flags | track->ends[1].flags) & END_CLOSED_FIRST) != 0 ||
		    (track->last_by_other == by_other && track->last_index == INDEX_RST)) {
			*ret = NAT_TRACK_ANEW;
			return true;
		}
		*next = IG;
	}
	if (*next == IG && answers_ignored_syn(track, segment, index, by_other)) {
		believe_ignored_syn(track, by_other);
		*next = SR;
		return false;
	}
	if (*next == IG) {
		note_ignored(track, segment, index, by_other);
		return true;
	}
	if (*next == IV) {
		*ret = NAT_TRACK_INVALID;
		return true;
	}
	if (*next == TW && track->state == NAT_TCP_LAST_ACK && index == INDEX_ACK && track->last_by_other != by_other &&
	    track->last_index == INDEX_SYN && (track->last_flags & LAST_CHALLENGED) != 0) {
		track->last_flags &= (uint8_t)~LAST_CHALLENGED;
		return true; /* it challenges a SYN, and acknowledges no FIN */
	}
	if (*next == S2)
		track->last_flags |= LAST_SIMULTANEOUS;
	if (*next == SR && by_other && index == INDEX_ACK && (track->last_flags & LAST_SIMULTANEOUS) != 0)
		*next = ES;
	if (*next == CL && index == INDEX_RST &&
	    look_at_reset(track, segment, by_other, ret_in_window, next) == NAT_TRACK_INVALID) {
		*ret = NAT_TRACK_INVALID;
		return true;
	}
	return false;
}

static enum nat_track_verdict follow(const struct nat_track_rules *rules, const struct nat_segment *segment,
				     bool by_other, struct instant now, struct nat_track *track)
{
	bool in_window;
	enum index index = index_of(segment->flags);
	enum nat_track_verdict verdict;
	if (!flags_are_possible(segment->flags))
		return NAT_TRACK_INVALID;
	uint8_t next = next_states[by_other][index][track->state];
	if (decide(track, segment, index, by_other, &next, &in_window, &verdict))
		return verdict;
	uint8_t before_it = track->state;
	if (!in_window) {
		verdict = look_at_window(rules, track, segment, by_other);
		if (verdict == NAT_TRACK_INVALID)
			note_invalid(rules->timers, track, index, by_other, now);
		if (verdict != NAT_TRACK_ACCEPT)
			return verdict;
	}
	note_last(track, index, by_other);
	track->state = next;
	if (before_it != next && next == NAT_TCP_FIN_WAIT)
		track->ends[by_other].flags |= END_CLOSED_FIRST;
	int64_t time_ns = time_of(rules->timers, track, index);
	if (!track->replied) {
		if (index == INDEX_RST)
			return NAT_TRACK_END;
		if (index == INDEX_SYN && before_it == NAT_TCP_SYN_SENT)
			return NAT_TRACK_IGNORE; /* a SYN again: it does not live longer by that */
		if (next == NAT_TCP_ESTABLISHED)
			time_ns = least(time_ns, rules->timers->unacknowledged);
	} else if ((before_it == NAT_TCP_SYN_RECV || before_it == NAT_TCP_ESTABLISHED) && next == NAT_TCP_ESTABLISHED) {
		track->assured = true;
	}
	track->due = instant_add(now, time_ns);
	return NAT_TRACK_ACCEPT;
}

enum nat_track_verdict nat_track_segment(const struct nat_track_rules *rules, const struct nat_segment *segment,
					 bool by_outside, struct instant now, struct nat_track *track)
{
	bool by_other = by_outside != track->opened_outside;
	enum nat_track_verdict verdict = follow(rules, segment, by_other, now, track);
	track->replied = track->replied || (by_other && verdict != NAT_TRACK_INVALID);
	return verdict;
}

enum nat_track_verdict nat_track_begin(const struct nat_track_rules *rules, const struct nat_segment *segment,
				       bool by_outside, struct instant now, struct nat_track *ret)
{
	enum index index = index_of(segment->flags);
	*ret = (struct nat_track){.opened_outside = by_outside, .last_index = INDEX_NONE};
	if (!flags_are_possible(segment->flags) || (index != INDEX_SYN && (index != INDEX_ACK || !rules->loose)))
		return NAT_TRACK_INVALID;
	struct nat_track_end *opener = &ret->ends[0];
	opener->end = end_of(segment);
	opener->max_window = at_least_one(segment->window);
	opener->max_end = opener->end;
	if (index == INDEX_SYN) {
		take_options(segment, &opener->flags, &opener->scale);
	} else { /* how its windows scale is not known */
		opener->max_end += opener->max_window;
		opener->flags = ret->ends[1].flags = END_SACK | END_LIBERAL;
	}
	return nat_track_segment(rules, segment, by_outside, now, ret);
}

bool nat_track_gives_way(const struct nat_track *track, const struct nat_segment *syn)
{
	return (track->state == NAT_TCP_TIME_WAIT || track->state == NAT_TCP_CLOSE) &&
	       after(end_of(syn), track->ends[0].end);
}

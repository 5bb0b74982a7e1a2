/* Two ends of TCP and a wire between them, for tests: a small event loop with a latency, losses by a predicate, and a
 * log of all segments. End 0 calls, end 1 listens. Each segment's checksums are verified as it is sent. */
#ifndef PKTPATH_TESTS_HOST_PAIR_H
#define PKTPATH_TESTS_HOST_PAIR_H
#include "base/arena.h"
#include "host/dialogue.h"
#include "host/tcp.h"

#define PAIR_MAX_PENDING 8192
#define PAIR_MAX_EVENTS 32

struct pair;

/* One segment as it was sent. */
struct segment {
	struct instant at;
	uint32_t from;     /* 0 or 1 */
	uint32_t seq, ack; /* relative to the first of each direction */
	uint32_t bytes;
	uint16_t window;
	uint16_t packet_flags;
	uint8_t flags;
	bool lost;
	uint8_t n_sack;
	uint32_t sack[4][2]; /* relative */
};

struct pair_end {
	struct tcb tcb;
	uint32_t iss;
	bool open; /* between tcp_connect() or tcp_accept() and `free` */
	uint32_t n_freed;
	uint32_t n_event[TCP_TIMED_OUT + 1];
	enum tcp_event last_event;
	uint64_t received_bytes;
	uint32_t turn; /* of the dialogue owner */
	uint64_t turn_bytes;
	uint32_t n_timer_calls;
};

struct pending {
	struct instant at;
	uint64_t order;
	uint32_t to;
	struct packet *packet;             /* NULL: a timer */
	void (*action)(struct pair *pair); /* not NULL: of the test */
};

struct pair {
	struct arena *arena;
	struct craft craft;
	struct tcp_env env;
	struct instant now;
	int64_t latency_ns;
	struct pair_end end[2];
	bool listens;
	bool forgets_timers; /* a sooner call replaces the one before, instead of standing beside it */
	uint16_t syn_mss;    /* what a middlebox writes into SYNs; 0: nothing */
	/* A router in the middle, by the end that sends: longer packets are lost there, and their sender gets an error. 0:
	 * passes all. */
	uint16_t mtu[2];
	bool mtu_is_secret;                  /* its errors name no MTU (before RFC 1191) */
	uint32_t n_errors, n_errors_to_lose; /* errors that were sent; so many of them, the first ones, are lost */
	/* The owner's part. NULL: dialogue_owner(). */
	void (*owner)(struct pair *pair, uint32_t end, enum tcp_event event, uint32_t bytes);
	const struct dialogue *dialogue;
	bool hold; /* the caller does not close after the last turn */
	/* The wire's part: whether segment number `index` (in the order of sending, from 0) is lost; extra delay;
	 * copies. */
	bool (*loses)(struct pair *pair, const struct packet *packet, uint32_t index);
	int64_t (*delays)(struct pair *pair, const struct packet *packet, uint32_t index);
	bool (*doubles)(struct pair *pair, const struct packet *packet, uint32_t index);
	uint64_t seed;
	uint32_t lose[2]; /* for lose_listed() */
	void (*observe)(struct pair *pair, const struct packet *packet, bool lost);
	void *observer;
	struct segment *log;
	uint32_t n_log, capacity_log;
	struct pending pending[PAIR_MAX_PENDING];
	uint32_t n_pending;
	uint64_t order;
	uint32_t n_live_packets;
	uint32_t n_packets_left; /* allocations still granted; UINT32_MAX: all */
};

struct pair *pair_new(uint32_t iss_caller, uint32_t iss_listener);
void pair_free(struct pair *pair);
/* tcp_connect() and the loop, until nothing is left or `until` is reached. */
void pair_connect(struct pair *pair);
void pair_run(struct pair *pair, struct instant until);
void pair_at(struct pair *pair, struct instant at, void (*action)(struct pair *pair));
/* A message of readable text. */
const struct payload *pair_text(struct pair *pair, uint32_t size_bytes);
/* A dialogue of `rounds` on a port of readable text. */
const struct dialogue *pair_dialogue(struct pair *pair, uint16_t port, uint32_t send_bytes, uint32_t reply_bytes,
				     uint32_t rounds);
void dialogue_owner(struct pair *pair, uint32_t end, enum tcp_event event, uint32_t bytes);
bool lose_listed(struct pair *pair, const struct packet *packet, uint32_t index);
/* A segment out of nowhere, with numbers relative as in the log, delivered to `to` at once. */
void pair_inject(struct pair *pair, uint32_t to, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t bytes);
/* Asserts that Wireshark would have nothing to say: no segment again or out of order, no repeated ACK, no window
 * full. */
void pair_assert_faultless(const struct pair *pair);
/* Asserts that both ends reported TCP_DONE once, were freed once, and leave nothing. */
void pair_assert_done(const struct pair *pair);
/* "SYN, SYN/ACK, ACK, ..." of segments [from, to) of the log, with a < before what end 1 sent. */
const char *pair_flags_text(const struct pair *pair, uint32_t from, uint32_t to);
#endif

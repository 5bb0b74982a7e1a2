/* One end of a TCP connection (RFC 9293), without clock, socket or allocation: time is an argument, segments leave
 * through `send`, and `timer` says when tcp_timer() wants to be called. State machine in tcp_state.c, input in
 * tcp_input.c, output in tcp_output.c, timers and RFC 6298 in tcp_timer.c, RFC 5681 and 6582 in tcp_congestion.c, RFC
 * 1191 in tcp_mtu.c; the fields of struct tcb belong to them.
 *
 * DOC: data is never stored. A message to send is a payload (net/payload.h), of which any part can be retransmitted; what
 * arrives is counted, in order, and reported to the owner as a number of bytes. At most one message is on its way in each
 * direction: the owner sends the next one after TCP_ACKED or after the peer's answer; a message given earlier waits in
 * `next_message`. */
#ifndef PKTPATH_HOST_TCP_H
#define PKTPATH_HOST_TCP_H
#include "base/time.h"
#include "net/craft.h"
#include "net/packet.h"

enum tcp_state {
	TCP_CLOSED,
	TCP_SYN_SENT,
	TCP_SYN_RECEIVED,
	TCP_ESTABLISHED,
	TCP_FIN_WAIT_1,
	TCP_FIN_WAIT_2,
	TCP_CLOSE_WAIT,
	TCP_CLOSING,
	TCP_LAST_ACK,
	TCP_TIME_WAIT,
	TCP_STATE_COUNT
};
const char *tcp_state_name(enum tcp_state state); /* "SYN-SENT", as in RFC 9293 */

enum tcp_event {
	TCP_CONNECTED, /* the handshake is complete, on either side */
	TCP_RECEIVED,  /* `bytes` more have arrived in order */
	TCP_ACKED,     /* the message last given to tcp_send() is acknowledged whole */
	TCP_PEER_FIN,  /* the peer sends no more */
	TCP_DONE,      /* closed in order: TIME-WAIT was entered, or LAST-ACK left */
	TCP_REFUSED,   /* a reset, or an ICMP unreachable, answered the SYN */
	TCP_RESET_BY_PEER,
	TCP_TIMED_OUT, /* no answer: SYN or data were retransmitted until R2 */
};

struct tcb;
struct tcp_env {
	void *context;
	const struct craft *craft;
	/* A packet of the connection tcb->connection with id, connection and serial filled in; NULL where memory is
	 * short (the environment remembers; the segment counts as lost). */
	struct packet *(*packet)(void *context, struct tcb *tcb);
	/* Sends a complete segment with valid checksums; ownership passes. */
	void (*send)(void *context, struct tcb *tcb, struct packet *packet);
	/* tcp_timer() wants to be called at `due`, which is sooner than what it asked for last and was not yet called
	 * for, or else is the end of TIME-WAIT. Another call that is still outstanding then may be kept or forgotten:
	 * tcp_timer() asks again, and takes a needless call for what it is. It is called last thing, so that the owner
	 * may put away a TCB that is at rest. */
	void (*timer)(void *context, struct tcb *tcb, struct instant due);
	/* The owner may call tcp_send(), tcp_close(), tcp_abort() from inside. After TCP_DONE, TCP_REFUSED,
	 * TCP_RESET_BY_PEER and TCP_TIMED_OUT there are no more events. */
	void (*event)(void *context, struct tcb *tcb, enum tcp_event event, uint32_t bytes);
	/* The TCB is not needed any more (CLOSED was reached, TIME-WAIT over); called last thing, the owner may free
	 * it. */
	void (*free)(void *context, struct tcb *tcb);
};

#define TCP_INITIAL_RTO_NS (1 * NS_PER_S) /* RFC 6298 2.1 */
#define TCP_MIN_RTO_NS (1 * NS_PER_S)     /* RFC 6298 2.4 */
#define TCP_MAX_RTO_NS (64 * NS_PER_S)    /* RFC 6298 2.5: at least 60 s */
#define TCP_MAX_RETRANSMISSIONS 6 /* 1+2+4+...+64 = 127 s: over R2 = 100 s (RFC 9293 3.8.3); Linux's SYN time-out */
#define TCP_DELAYED_ACK_NS (40 * NS_PER_MS) /* Linux TCP_DELACK_MIN; RFC 9293 3.8.6.3 allows up to 0.5 s */
#define TCP_TIME_WAIT_NS (60 * NS_PER_S)    /* Linux TCP_TIMEWAIT_LEN */
#define TCP_MSS_BYTES 1460
#define TCP_INITIAL_WINDOW_SEGMENTS 10 /* RFC 6928 */
#define TCP_SYN_WINDOW 64240           /* as Linux and Windows announce */
#define TCP_RECEIVE_WINDOW_BYTES (65535u << CRAFT_WINDOW_SCALE)
#define TCP_MAX_CWND_BYTES (512u * 1024u) /* a quarter of the peer's window: it is never filled */

/* 144 bytes: a million connections are open at once in the bench, with two of these each. The owner's fields first;
 * what a timer that comes to nothing looks at, and the end, lie in the first 64. */
struct tcb {
	/* set by the owner before tcp_connect()/tcp_accept(), never touched here (but for ip_id) */
	uint32_t connection;
	uint32_t owner; /* the owner's machine */
	uint32_t index; /* the owner's handle of this TCB */
	be32 local_addr, remote_addr;
	be16 local_port, remote_port;
	uint8_t role;            /* the owner's */
	uint8_t ttl;             /* initial TTL of what it sends */
	uint8_t max_syn_retries; /* TCP_MAX_RETRANSMISSIONS, or less */
	uint8_t caller;          /* 1: this end opened the connection */
	uint16_t ip_id;          /* of the next packet, chosen by the owner, counts up */
	/* tcp_*.c's own, but for what is marked */
	uint8_t state;                          /* enum tcp_state */
	uint8_t snd_scale;                      /* of the windows that the peer announces */
	uint16_t flags;                         /* enum tcp_flag, tcp_internal.h */
	uint16_t mss;                           /* bytes, of what it sends; never grows */
	uint16_t snd_window;                    /* as the peer announced it: bytes >> snd_scale */
	uint16_t ssthresh;                      /* in segments of mss, so that half a word does; UINT16_MAX: none yet */
	struct instant retransmit_at, timer_at; /* NEVER where not armed; timer_at: the time given to `timer` */
	struct tcp_ranges *out_of_order;        /* NULL on the good path */
	uint32_t turn;                          /* the owner's: place in the dialogue */
	uint32_t turn_bytes;                    /* the owner's: bytes received in this turn */
	const struct payload *message;
	const struct payload *next_message;
	uint32_t message_seq; /* of the first byte of `message` */
	uint32_t snd_una, snd_nxt, snd_max;
	uint32_t rcv_nxt;
	uint32_t rcv_acked; /* the acknowledgment sent last: while it is rcv_nxt no ACK is owed */
	uint32_t ack_at;    /* when a delayed ACK is due: the lower half of the time; holds with TCB_ACK_LATER */
	union {
		uint32_t iss; /* initial send sequence number, chosen by the owner; until tcp_connect(), tcp_accept() */
		uint32_t recover; /* RFC 6582: snd_max when loss was noticed last */
	};
	uint32_t cwnd;               /* bytes */
	uint32_t srtt_us, rttvar_us; /* srtt 0: nothing was timed yet */
	uint32_t rtt_seq;            /* being timed: the segment that ends here, since rtt_start; see flags */
	uint32_t rtt_start_us;       /* modulo 2^32: over an hour, and no segment is waited for that long */
	uint8_t retransmissions;     /* in a row, of the oldest segment */
	uint8_t backoff;             /* how often the time-out was doubled; Karn keeps it until a segment was timed */
	uint8_t duplicate_acks;
	uint8_t has_origin; /* the owner's */
};
_Static_assert(sizeof(struct tcb) <= 144, "see the comment above");

/* Sends SYN. */
void tcp_connect(const struct tcp_env *env, struct tcb *tcb, struct instant now);
/* Takes a SYN for a listening port: SYN-RECEIVED, sends SYN/ACK. Addresses and ports of the TCB are set by the
 * owner. */
void tcp_accept(const struct tcp_env *env, struct tcb *tcb, const struct packet *syn, struct instant now);
/* Takes a segment addressed to this TCB. */
void tcp_input(const struct tcp_env *env, struct tcb *tcb, const struct packet *packet, struct instant now);
/* An ICMP destination unreachable about this connection: refuses in SYN-SENT, is a soft error otherwise (RFC 5927, RFC
 * 9293 3.9.2.2). */
void tcp_unreachable(const struct tcp_env *env, struct tcb *tcb, struct instant now);
/* An ICMP "fragmentation needed and DF set" about this connection: segments shrink to `mtu` bytes of IP, those
 * outstanding are retransmitted so, at once. 0: the router does not say its MTU. One that is no smaller than what is sent
 * is no news. */
void tcp_too_big(const struct tcp_env *env, struct tcb *tcb, uint16_t mtu, struct instant now);
/* Whether tcp_send() would take a message now: a second one can wait for the first to be acknowledged, a third
 * cannot. */
static inline bool tcp_can_send(const struct tcb *tcb)
{
	return !tcb->next_message;
}
/* Sends a message; the payload outlives the connection. With a message still unacknowledged the new one waits (one at
 * the most). An empty message, and any after tcp_close(), is nothing: no event reports it. */
void tcp_send(const struct tcp_env *env, struct tcb *tcb, const struct payload *message, struct instant now);
/* FIN after what is still to be sent; in SYN-SENT `free` is called instead, with no event. */
void tcp_close(const struct tcp_env *env, struct tcb *tcb, struct instant now);
/* RST now; `free` is called, no event. */
void tcp_abort(const struct tcp_env *env, struct tcb *tcb, struct instant now);
/* A keep-alive (RFC 9293 3.8.4): a segment without data before the next number, which the peer answers. */
void tcp_keepalive(const struct tcp_env *env, struct tcb *tcb);
/* To be called at the time that was given to `timer`; does nothing when it is too early, so that a call outlived by a
 * sooner one is harmless. */
void tcp_timer(const struct tcp_env *env, struct tcb *tcb, struct instant now);
/* Is it in TIME-WAIT, with nothing under way? snd_max, rcv_nxt and flags then are all that counts of the connection
 * besides its addresses: tcp_wake() makes a TCB of them again, whose call is outstanding for the end of TIME-WAIT. */
bool tcp_is_at_rest(const struct tcb *tcb);
void tcp_wake(struct tcb *tcb, uint32_t snd_max, uint32_t rcv_nxt, uint16_t flags, struct instant due);
/* Frees what the TCB holds besides itself; for owners that throw a TCB away (an instance that is gone). */
void tcp_deinit(struct tcb *tcb);
/* Makes the reset that answers a segment for which there is no connection (RFC 9293 3.10.7.1) into `reply`, a fresh
 * packet. False where no answer is due (the segment was a reset). */
bool tcp_refuse(const struct craft *craft, const struct packet *segment, uint8_t ttl, struct packet *reply);
/* A reset by a device between the ends, with the sequence number that its receiver expects (RFC 9293 3.10.7.4). */
void tcp_reset_make(const struct craft *craft, struct packet *p, const struct tuple *tuple, uint32_t seq, uint8_t ttl);
#endif

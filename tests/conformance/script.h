/* A step of a case, as text, and the packet that it stands for.
 *
 *   > t a:1000 x:80 S         from the inside: TCP, a's port 1000 to x's port 80, with SYN
 *   < t x:80 a:1000 SA        from the outside, to what a:1000 became towards x:80
 *   < t y:5 [a:1000 x:80] S   the same, from someone else; inside it is a hairpin
 *   < t x:80 N:443 S          to a port of the NAT itself
 *   > u a:1000 x:53           UDP; > i a:7 x and < i x a:7 are an echo with identifier 7 and its reply;
 *                             I is a request that comes in, r a reply that goes out; m and n are a timestamp and a
 *                             reply that goes out
 *   < e x 3.3 u a:1000 x:53   an ICMP error of type 3, code 3, from x about the packet of a:1000 to x:53 as x has it
 *   > e a 3.3 u x:53 a:1000   the same from a, about a packet that came in
 *   wait 1200                 milliseconds
 * Options behind: len=N payload, ttl=N, df, zero (no UDP checksum), mtu=N (pieces of that size), order=210 (of the
 * pieces, which may be missing or come twice), lap=N (piece N begins 8 bytes too early), bad (a wrong checksum), badin (of
 * the packet inside an error), off=N (TCP's header has N words), ulen=N (UDP's length), any (the outside port is the NAT's choice), differs=ID (a known difference, of docs/conformance.md). */
#ifndef TESTS_CONFORMANCE_SCRIPT_H
#define TESTS_CONFORMANCE_SCRIPT_H
#include "bed.h"

struct end { /* "a:1000"; "[a:1000 x:80]" */
	char host;
	uint16_t port;
	bool of_mapping;
	char to_host;
	uint16_t to_port;
};

enum step_verb { VERB_SEND, VERB_WAIT };
struct script_step {
	char text[128];
	enum step_verb verb;
	unsigned wait_ms;
	enum side side;
	char proto; /* t, u, i, e */
	struct end src, dst;
	uint8_t tcp_flags;
	uint8_t error_type, error_code; /* e */
	char about_proto;
	struct end about_src, about_dst;
	unsigned len, ttl, mtu;
	bool df, zero, any, bad, bad_inside;
	bool has_seq, has_ack, has_offset, has_udp_bytes;
	unsigned data_offset, udp_bytes, lap; /* lap 0: none */
	unsigned seq, ack, window;
	char order[8];
	char differs[48]; /* "" */
};
/* False where the text is no step. */
bool script_parse(const char *text, struct script_step *ret);

/* What a system made of inside ends. */
#define LEARNED_MAX 512
struct learned {
	struct learned_port {
		uint8_t proto;
		char host, to_host;
		uint16_t port, to_port;
		uint16_t outside[2]; /* by the model, by the kernel */
	} items[LEARNED_MAX];
	size_t n;
};
enum system { MODEL, KERNEL };
struct learned_port *learned_find(struct learned *learned, uint8_t proto, const struct end *inside,
				  const struct end *to, bool make);
uint8_t script_protocol(char proto);
uint8_t script_kind(char proto); /* the same, but timestamps have identifiers of their own */

/* Fills in a packet of the model's as this system is to get it. `serial` makes identifications. */
void script_build(const struct script_step *step, struct learned *learned, enum system system, uint16_t remote,
		  uint16_t serial, struct arena *arena, struct packet *ret);
#endif

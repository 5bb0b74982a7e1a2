/* A bed for the NATs: packets, written as text, go into a site's NAT or an environment's VIP, and what comes out must
 * be, byte for byte, the packet of another text. All that a text does not say is the same in both: identification,
 * sequence numbers, payload. The expected packet's checksums are computed from scratch, so that a mended one is proven
 * at every packet.
 *
 *   udp a:5000 > x:53                       a datagram
 *   tcp x:80 > N:1024 SA                    a segment with these flags
 *   echo a:7 > x, reply x > N:7             an echo request with identifier 7, and its answer
 *   error 3.3 x > N (udp N:5000 > x:53)     an ICMP error of type 3, code 3, about that packet
 *
 * Hosts: a, b, c inside; x, y, z outside; N, M, P the NAT's addresses; R the site's router, towards the inside; w, v
 * workers of the environment, f its front end; g a machine of a VNet, I its appliance.
 *
 * Options behind: len N (payload), ttl N, id N, df, nosum (no UDP checksum), badsum (a wrong L4 checksum), badip (a
 * wrong IP checksum), seq N, ack N, win N, mtu N piece I (of the datagram's pieces that fit, the I-th from 0); of an
 * error: mtu N (the next hop's), quote N (the L4 bytes of the packet that it quotes). TTL is 64 where it is sent; a
 * site's NAT is a hop, and makes 63 of it; a VIP is none. */
#ifndef TESTS_AZURE_NAT_BED_H
#define TESTS_AZURE_NAT_BED_H
#include "net/packet.h"
#include "net/reason.h"
#include "network/world.h"
#include "suite.h"

/* Linux behind rules that drop what belongs to nothing and answer nothing, which looks at no windows: what is asked of
 * every NAT is asked of it so. Linux as it comes is held against the kernel itself (tests/conformance). */
#define LINUX_PLAIN                                                                                                    \
	"profile: linux, tcp_state: off, loose: false, invalid: drop, unknown: drop, hairpin: true, pooling: paired"
#define LINUX_FILTERED LINUX_PLAIN ", allocation: preserve"

/* ---- nat_text.c ---- */
struct packet_text { /* what a text leaves open */
	uint8_t ttl;
	uint16_t id;
};
bool nat_text_is_inside(const char *text); /* by its sender */
/* Makes the packet; ends the test where the text is none. `payload` has as many bytes as any text asks for. */
void nat_text_packet(const char *text, const struct packet_text *open, const struct payload *payload,
		     struct packet *ret);
#define NAT_TEXT_PAYLOAD_BYTES 8192u

/* ---- nat_bed.c: one bed at a time ---- */
/* `keys` are the NAT's, such as "profile: home, mapping: address-dependent". A site's NAT has the address N unless they
 * give another. */
void open_site(const char *keys);
void open_vip(const char *keys);
void open_forced(const char *
			 /* a site's, behind whose VPN a machine g stands in a VNet that sends all to the site (forced
		 * tunnelling) */
			 keys);
/* An appliance I with a NAT, through which g goes out; its address is what the outside knows. It is a hop. */
void open_appliance(const char *keys);
void close_bed(void); /* the fixture's */

struct place_in_test {
	const char *file;
	int line;
};
#define HERE (&(const struct place_in_test){__FILE__, __LINE__})
__attribute__((format(printf, 2, 3))) void bed_sends(const struct place_in_test *at, const char *format, ...);
__attribute__((format(printf, 2, 3))) void bed_comes(const struct place_in_test *at, const char *format, ...);
void bed_nothing_comes(const struct place_in_test *at);
void bed_dropped(const struct place_in_test *at, enum reason reason);
void bed_passes(const struct place_in_test *at, const char *sent, const char *expected);

#define sends(...) bed_sends(HERE, __VA_ARGS__)     /* what came before and was not asked for fails the test */
#define comes(...) bed_comes(HERE, __VA_ARGS__)     /* the next that comes out is this */
#define nothing_comes() bed_nothing_comes(HERE)     /* no more than what was asked for */
#define dropped(reason) bed_dropped(HERE, (reason)) /* the last packet ended in the NAT, and nothing came out */
#define passes(sent, expected) bed_passes(HERE, (sent), (expected)) /* this becomes that, and nothing else comes */
void waits_ms(int64_t ms); /* the virtual clock goes on; what the NAT sends meanwhile is to be asked for */
void waits_s(int64_t s);
uint16_t outside_port(void);   /* the source port of what came out last, asked for or not */
uint8_t output_byte(size_t i); /* of its frame */
uint64_t mappings(void);       /* that live now */
enum reason drop_reason(void); /* why the last packet ended in the NAT; REASON_NONE */
uint64_t exhausted(void);      /* connections that found no port */
/* The NAT's log (nat.csv): mappings that have ended, in this order. NULL where there are not so many. */
const struct world_mapping *logged(size_t i);
#endif

/* What a packet goes through, and what comes out: the kernel's NAT in namespaces, or the model's in a world. */
#ifndef TESTS_CONFORMANCE_BED_H
#define TESTS_CONFORMANCE_BED_H
#include "net/packet.h"
#include <stddef.h>

enum side { INSIDE, OUTSIDE };

#define BED_FRAME_BYTES 2048
struct output { /* a frame that came out */
	enum side side;
	bool own; /* made by the NAT itself: an ICMP error */
	size_t n_bytes;
	uint8_t bytes[BED_FRAME_BYTES];
};
#define BED_MAX_OUTPUTS 16
struct outputs {
	size_t n;
	struct output items[BED_MAX_OUTPUTS];
};

/* How the NAT is set up. */
struct setup {
	uint16_t port_first, port_last;
	bool environment; /* the VIP of an environment, which balances port 443 to one front end */
	unsigned tcp_idle_s, tcp_transitory_s, tcp_reset_s, udp_idle_s, icmp_idle_s; /* 0: the profile's */
	const char *name;
	bool firewall; /* a range of ports, and new connections from outside and what is for the router itself are dropped */
	bool drops_invalid; /* `ct state invalid drop` */
	bool strict;        /* nf_conntrack_tcp_loose=0: nothing in the middle of a connection is picked up */
};

/* An entry of a table, for the timers. */
struct table_entry {
	uint8_t proto;
	be32 src, dst;               /* as the inside has it */
	uint16_t src_port, dst_port; /* of an echo both are its identifier */
	int64_t seconds;             /* that are left */
	bool is_new;                 /* of the model: one packet has used it */
};
#define BED_MAX_ENTRIES 256
struct table {
	size_t n;
	struct table_entry items[BED_MAX_ENTRIES];
};

/* ---- kernel.c ---- */
struct kernel;
/* In the namespaces that `netns.sh run NAME` has made; NULL where they are not there. */
struct kernel *kernel_new(const char *script, const char *name);
void kernel_free(struct kernel *kernel);
void kernel_setup(struct kernel *kernel, const struct setup *setup);
/* Sends a frame (its MAC addresses are the bed's) into one side and takes all that comes out. */
void kernel_send(struct kernel *kernel, enum side side, const struct packet *packet, struct outputs *ret);
void kernel_wait(unsigned ms);
/* Its entries that the inside hosts of this case have made. */
void kernel_table(struct kernel *kernel, uint16_t remote, struct table *ret);

/* ---- model.c ---- */
struct arena;
struct model_bed;
/* `remote` numbers the case: hosts have addresses of their own in each, since the kernel remembers what an inside end
 * got before. Up to 4095. */
struct model_bed *model_bed_new(const struct setup *setup, uint16_t remote);
void model_bed_free(struct model_bed *bed);
struct arena *model_bed_arena(struct model_bed *bed);
/* A packet of the bed's, to be filled in and sent. */
struct packet *model_bed_packet(struct model_bed *bed);
void model_bed_send(struct model_bed *bed, enum side side, struct packet *packet, struct outputs *ret);
void model_bed_wait(struct model_bed *bed, unsigned ms);
void model_bed_table(struct model_bed *bed, struct table *ret);

/* Addresses of both beds. */
#define NAT_ADDR 0xc6336401u               /* 198.51.100.1 */
be32 bed_host(char name, uint16_t remote); /* a, b, c inside; x, y, z outside; N the NAT's */
#endif

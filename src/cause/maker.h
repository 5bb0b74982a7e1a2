/* Inside the room: a cause in the making. */
#ifndef PKTPATH_CAUSE_MAKER_H
#define PKTPATH_CAUSE_MAKER_H
#include "base/buf.h"
#include "cause/cause.h"
#include "model/elements.h"

struct past_mapping { /* a mapping that ended */
	struct tuple inside;
	be32 outside_addr;
	uint16_t outside_port;
	uint32_t node, flow, index_in_flow;
	struct instant created, last_used, ended;
	const char *why, *timer;
	int64_t timer_ns;
};

struct maker {
	struct causes *causes;
	struct arena *arena;
	const struct model *model;
	const struct world *world;
	const struct step *step;
	bool again;               /* the connection retransmits what it lost in the same way before */
	const struct element *at; /* where it was lost */
	struct buf what, helps;
	struct cause *cause;
};

/* A path of settings, as --set takes it. */
void maker_setting(struct maker *maker, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "10.0.1.6:49152", appended; of ICMP the address alone. */
void put_end_point(struct buf *out, be32 addr, be16 port, uint8_t proto);
void put_place(struct buf *out, struct place place); /* " (file.yaml:12)"; nothing where there is none */
void put_time(struct buf *out, struct instant at);   /* "240.1 s" */
void put_duration(struct buf *out, int64_t ns);      /* "4 min" */
/* The prefix of the keys of the NAT at an element: "network.ases.ase-one.snat"; NULL where it has none. */
const char *nat_path(struct maker *maker, const struct element *element);

/* past.c: what ended, the latest first. NULL where nothing is known that fits. */
struct past;
struct past *past_new(void);
struct past *past_free(struct past *past);
int past_add(struct past *past, const struct world_mapping *mapping);
const struct past_mapping *past_find(const struct past *past, const struct tuple *tuple, uint32_t node,
				     bool by_endpoint);
const struct past *causes_past(const struct causes *causes);

/* Each says what it knows; false where it knows nothing. */
bool cause_of_past_mapping(struct maker *maker); /* nats.c */
bool cause_of_silent_flow(struct maker *maker);  /* nats.c */
bool cause_of_exhaustion(struct maker *maker);   /* holders.c */
bool cause_of_two_ways(struct maker *maker);     /* ways.c */
bool cause_of_black_hole(struct maker *maker);   /* losses.c */
void cause_of_loss(struct maker *maker);         /* losses.c: any reason */
void help_by_endpoint(struct maker *maker);      /* a service is called by its public address, and has another */
/* reasons.c: the general words, where nothing more is known. */
void cause_in_general(struct maker *maker);
#endif

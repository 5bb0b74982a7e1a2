/* What the loader asks of each kind of model/kinds.h; each kind's answers stand in its own file of this room. */
#ifndef PKTPATH_SCENARIO_KINDS_H
#define PKTPATH_SCENARIO_KINDS_H
#include "scenario/decode.h"

struct kind_address {
	uint32_t subnet; /* NONE: a public address */
	be32 addr;
	struct place place;
};
struct kind_loader {
	/* The keys of one item, before VNets and subnets are known; its name and place are there already. */
	void (*decode)(struct decoder *d, const struct tree *node, struct kind_item *item);
	/* Its keys that refer to networks, hosts and environments, once all of them are known; may be NULL, as may all
	 * below. */
	void (*resolve)(struct decoder *d, const struct tree *node, struct kind_item *item);
	/* The keys of a subnet that refer to the kind. */
	void (*subnet)(struct decoder *d, const struct tree *node, struct subnet_config *subnet);
	/* What follows from addresses, once automatic ones are given. */
	void (*finish)(const struct model *model, struct kind_item *item);
	/* All of its items, after `resolve`. */
	void (*check)(struct decoder *d);
	/* What of one is odd and no error, once all is known, the timeline included. */
	void (*warn)(struct decoder *d, const struct kind_item *item);
	/* An event of the timeline that says `event_key`; NULL: the kind has none. False where that is not enough to go
	 * on. */
	const char *event_key;
	bool (*event)(struct decoder *d, const struct tree *node, struct event_config *event);
	/* The address of this number that it takes; false where it takes no more. */
	bool (*address)(const struct kind_item *item, size_t number, struct kind_address *ret);
	/* Where the address of this number goes that Azure gives it in `*ret_subnet`; NULL where there is no more. */
	be32 *(*automatic)(struct kind_item *item, size_t number, uint32_t *ret_subnet);
	/* The subnet that it has for itself, though it stands in it by no address that is given; NONE. */
	uint32_t (*takes_subnet)(const struct kind_item *item);
};
#define KIND_LOADER(KIND, kind, article, words, schema, help, stands) extern const struct kind_loader loader_##kind;
NETWORK_KINDS(KIND_LOADER)
const struct kind_loader *kind_loader(enum network_kind kind);
size_t kind_n(const struct model *model, enum network_kind kind);
struct kind_item *kind_item(const struct model *model, enum network_kind kind, size_t index);
/* The item of any kind that has the name; KIND_COUNT: none. */
enum network_kind kind_find(const struct model *model, const char *name, size_t *ret_index);
bool kind_stands_in_subnet(enum network_kind kind);    /* it has an address there */
const char *kind_with_article(enum network_kind kind); /* "a NAT gateway" */
const char *kind_words(enum network_kind kind);        /* "NAT gateway" */

void decode_kinds(struct decoder *d);
void decode_kinds_of_subnet(struct decoder *d, const struct tree *node, struct subnet_config *subnet);
void resolve_kinds(struct decoder *d);
void warn_kinds(struct decoder *d);
void finish_kinds(struct model *model);
#endif

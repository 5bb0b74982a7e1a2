/* The one table of keys: the loader, the schema, the manual, settings, `fmt --canonical` and mutants follow from it. */
#ifndef PKTPATH_SCENARIO_KEYS_H
#define PKTPATH_SCENARIO_KEYS_H
#include "model/kinds.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum section {
	SECTION_TOP,
	SECTION_NETWORK,
	SECTION_REGION,
	SECTION_LINKS,
	SECTION_LINK,
	SECTION_VNET,
	SECTION_PEERING,
	SECTION_SUBNET,
	SECTION_NSG,
	SECTION_RULE,
	SECTION_RULE_SET,
	SECTION_ROUTE_TABLE,
	SECTION_ROUTE,
	SECTION_ROUTE_ADD,
	SECTION_SITE,
	SECTION_GATEWAY,
	SECTION_BALANCER,
	SECTION_FRONTEND,
	SECTION_PROBE,
	SECTION_BALANCING,
	SECTION_INBOUND_NAT,
	SECTION_OUTBOUND,
#define KIND_SECTION(KIND, kind, article, words, schema, help, stands) SECTION_##KIND,
	NETWORK_KINDS(KIND_SECTION)
#define KIND_SUBSECTION(SECTION, keys, words, schema) SECTION,
		NETWORK_KIND_SECTIONS(KIND_SUBSECTION) SECTION_ASE,
	SECTION_APP,
	SECTION_NAT,
	SECTION_MAPPING,
	SECTION_DOUBLING,
	SECTION_PORT_HOLD,
	SECTION_HOST,
	SECTION_PUBLIC_IP,
	SECTION_FLOW,
	SECTION_REPEAT,
	SECTION_LATE,
	SECTION_PACKET,
	SECTION_PACKET_FIELDS,
	SECTION_PACKET_FRAGMENT,
	SECTION_PACKET_ICMP,
	SECTION_EVENT,
	SECTION_FORGET,
	SECTION_TAP,
	SECTION_EXPECT,
	SECTION_COUNT_RANGE,
	SECTION_CONNECTIONS,
	SECTION_COUNT
};
const char *section_name(enum section section); /* for people: "an environment" */

enum key_type {
	KEY_TEXT,
	KEY_TEXTS, /* one or a list */
	KEY_NAME,
	KEY_INT,
	KEY_BOOL,
	KEY_DURATION,
	KEY_HOLD, /* DURATION or exponential(MEAN) */
	KEY_SIZE,
	KEY_RATE,
	KEY_FRACTION,
	KEY_WALL_TIME,
	KEY_ENUM,  /* one of `values` */
	KEY_WORDS, /* a list of `values`, one of them, or all */
	KEY_REASON,
	KEY_ADDRESS,
	KEY_ADDRESSES, /* one or a list, as are all in the plural */
	KEY_PREFIX,
	KEY_PREFIXES,
	KEY_WHERE,      /* a prefix or a tag */
	KEY_PARTIES,    /* prefixes and tags */
	KEY_PORTS,      /* any, N, FIRST-LAST */
	KEY_PORT_RANGE, /* FIRST-LAST */
	KEY_LISTEN,     /* PORT/PROTO */
	KEY_BLOCK,      /* N, auto or shared, or the keys of section `of` */
	KEY_MAPPING,    /* one of `values`, or the keys of section `of` */
	KEY_FORWARDS,   /* {PORT/PROTO or FIRST-LAST/PROTO: HOST or HOST:PORT} */
	KEY_STATICS,    /* {IP: HOST} */
	KEY_REF,        /* the name of something else in the file */
	KEY_NEXT_HOP,   /* a word, a machine, LB/FRONTEND, or an address */
	KEY_REFS,
	KEY_SUBNET,  /* VNET/SUBNET */
	KEY_FROM,    /* who calls: HOST, ASE/APP, ASE/worker-N */
	KEY_TO,      /* who is called: ...:PORT/PROTO, HOST/icmp */
	KEY_FLOWS,   /* NAME, NAME[I], NAME[I..K] */
	KEY_WORKER,  /* N or worker-N */
	KEY_WORKERS, /* worker-N */
	KEY_POINT,
	KEY_POINTS,
	KEY_COUNT,        /* N, or {min, max} */
	KEY_PASS,         /* N, or last */
	KEY_FLAGS,        /* SA, [syn, ack] */
	KEY_BYTES,        /* N, or a size */
	KEY_SECTION,      /* a map of the keys of section `of` */
	KEY_NAMED,        /* a map of names to such maps */
	KEY_LIST,         /* a list of such maps */
	KEY_TAPS,         /* KEY_NAMED, or none */
	KEY_ROUTE,        /* a map of the keys of section `of`, or a map of one name to a route */
	KEY_ROUTES,       /* names or prefixes */
	KEY_PEERS,        /* names, or a map of names to maps of the keys of section `of` */
	KEY_TAGS,         /* a map of names to prefixes */
	KEY_NAMES,        /* a list of names that it declares */
	KEY_FILES,        /* paths, relative to the file */
	KEY_SOURCE,       /* FILE:LINE, of what an object was made from */
	KEY_VARS,         /* a map of names to any values */
	KEY_PUBLIC_IP,    /* an address, or a map of the keys of section `of` */
	KEY_POOLS,        /* names to lists of names */
	KEY_PORTS_EACH,   /* N or auto */
	KEY_SERVICE,      /* PORT/PROTO, or any */
	KEY_MACHINE_PORT, /* HOST:PORT */
	KEY_BY_FORM,      /* what it is depends on the form: see there */
	KEY_TYPE_COUNT
};

/* Where the value of a key lies in the struct of its object (a host's in struct host_config), and what it is there.
 * Settings, `fmt --canonical` and mutants follow from that (values.c). */
enum value_form {
	VALUE_FORGOTTEN,    /* of no key: a test looks */
	VALUE_AS_WRITTEN,   /* not in the model as the file has it: printed as it was written */
	VALUE_JOINED,       /* not in the model, since it was followed already */
	VALUE_SECTION,      /* `at`: the object of the keys below it */
	VALUE_NAMED,        /* `at`: array of objects that begin with their name, `n_at`: their number */
	VALUE_SUBNETS,      /* of a VNet in the model's */
	VALUE_APPS,         /* of an environment in the model's */
	VALUE_RULES,        /* `at`: a direction */
	VALUE_LISTED,       /* `at`: array of objects, `n_at`: their number; a list */
	VALUE_POOLS,        /* of struct balancer_config */
	VALUE_PORTS_EACH,   /* a number; NAT_PORTS_AUTO: auto */
	VALUE_SERVICE,      /* `at`: a port, `n_at`: its protocol; 0: any */
	VALUE_MACHINE_PORT, /* `at`: a host, `n_at`: a port */
	VALUE_NAME,         /* text that is no setting: reports have it elsewhere */
	VALUE_TEXT,         /* NULL: absent */
	VALUE_U16,
	VALUE_U32,
	VALUE_LIMIT, /* u32; 0: absent */
	VALUE_U64,
	VALUE_BOOL,
	VALUE_TRUTH,     /* bool; false: absent */
	VALUE_EITHER,    /* bool; true is the first of `values`, false the second */
	VALUE_ENUM,      /* index of `values` */
	VALUE_BITS,      /* of `values` */
	VALUE_SOME_BITS, /* none: absent */
	VALUE_NS,
	VALUE_SIZE32,
	VALUE_SIZE64, /* 0: absent */
	VALUE_RATE,   /* 0: absent */
	VALUE_PARTS,  /* of 2^32 */
	VALUE_WALL_TIME,
	VALUE_ADDRESS,
	VALUE_ADDRESSES, /* none: absent */
	VALUE_PREFIX,
	VALUE_PREFIXES,
	VALUE_SOME_PREFIXES, /* none: absent */
	VALUE_PEERS,         /* of struct vnet_config */
	VALUE_RANGES,        /* prefixes; one stands alone */
	VALUE_TAGS,          /* `at`: array of struct tag_config */
	VALUE_NAMES,         /* `at`: array of objects that begin with their name, of which that is all */
	VALUE_PROTO,
	VALUE_PARTIES,
	VALUE_PORTS,
	VALUE_LISTEN,
	VALUE_WORKERS,
	VALUE_BLOCK,
	VALUE_REF,  /* index in the model's array at `of_at`; NONE: absent */
	VALUE_REFS, /* none: absent */
	VALUE_SUBNET,
	VALUE_DESTINATIONS, /* of struct route */
	VALUE_HOP,
	VALUE_PORT_RANGE, /* of struct nat_rules, as the next */
	VALUE_TCP_STATE,
	VALUE_INVALID,
	VALUE_FRAGMENTS,
	VALUE_ICMP,
	VALUE_MAPPING,
	VALUE_HOST_SUBNET, /* of struct host_config, as the next: by its kind */
	VALUE_HOST_INTERNET,
	VALUE_HOST_REGION,
	VALUE_HOST_SERVICE,
	VALUE_HOST_SITE,
	VALUE_HOST_PUBLIC,
	VALUE_REPLY, /* of struct flow_config, as the next: not said where it means nothing */
	VALUE_THEN,
	VALUE_HOLD,
	VALUE_LATE_ON,
	VALUE_FORM_COUNT
};
struct value {
	enum value_form form;
	uint32_t at, n_at;          /* offsets in the object */
	uint32_t of_at, item_bytes; /* VALUE_REF: the array in struct model; its items, also of VALUE_NAMED */
	uint32_t n_bytes;           /* of the number at `n_at` */
	/* printed where the file has it alone: to write it would change what else follows from a NAT's profile */
	bool as_said;
	bool of_state; /* a timer of a TCP state: as long as the file has none, other timers count, and it is no setting */
	uint32_t if_at, unless_at; /* a bool that must, or must not, be true; one more than the offset, 0: none */
};

/* How `mutate` changes the setting. */
enum mutation {
	MUTATE_FORGOTTEN, /* of no key: a test looks */
	MUTATE_NOT,
	MUTATE_FLIP,
	MUTATE_OTHERS,     /* each other of `values` */
	MUTATE_TIME,       /* twice, and half, within bounds */
	MUTATE_NUMBER,     /* one more, one less */
	MUTATE_ADDRESS,    /* the next one */
	MUTATE_PORT_RANGE, /* its upper half */
	MUTATE_BLOCK,      /* shared, auto, half as many */
	MUTATE_AWAY,       /* taken away */
	MUTATE_FEWER,      /* without each of its items */
	MUTATE_SUBNET,     /* each other */
	MUTATE_REGION,     /* each other */
	MUTATE_ANY,        /* as wide as can be: any, or "*" */
	MUTATE_PORT,       /* the next one: of PORT/PROTO, or HOST:PORT */
	MUTATE_EIGHTS,     /* a number of ports, eight more and less */
	MUTATE_ZERO,
	MUTATE_RANGES,   /* a firewall's: never translates, always does */
	MUTATE_ITEMS,    /* of a list: each item is taken away */
	MUTATE_PRIORITY, /* of items of a list: swapped with the next that does something else */
	/* from here on not by one setting alone, see mutants.c */
	MUTATE_PROFILE,
	MUTATE_WORKERS,
	MUTATE_PEERS,
	MUTATE_RULES,
	MUTATE_HOP,
	MUTATE_FIXED,
	MUTATION_COUNT
};

struct key {
	const char *name;
	struct value value;
	enum mutation mutation;
	bool mutated_where_said; /* not as a default, nor as what a profile implies */
	enum key_type type;
	bool required;
	const char *fallback; /* default as text; NULL where there is none */
	int64_t min, max;     /* KEY_INT; KEY_DURATION and KEY_HOLD in ns; KEY_SIZE in bytes; max 0: no bound */
	const char *values;   /* "a|b|c"; of a KEY_BOOL the one that it must be */
	enum section of;
	const char *beside; /* "a|b": keys of which it needs one beside it */
	const char *help;
};

/* Some sections have forms: one key says which it is, and others go with it or do not. A section without forms takes
 * all its keys. */
struct form {
	const char *key;
	const char *with;      /* "a|b|c": keys that may stand with it */
	const char *needs;     /* "a|b": keys that must */
	const char *one_of;    /* "a|b": exactly one of these must */
	const char *some_of;   /* "a|b": one or more of these must */
	const struct key *own; /* those of its keys that mean something else in another form */
	size_t n_own;
};
const struct form *forms_of(enum section section, size_t *ret_n);
/* Whether a key may stand in this form. */
bool form_takes(const struct form *form, const char *key);
/* Whether "a|b|c" holds the word. */
bool words_hold(const char *words, const char *word);

#define SOURCE_KEY_NAME "source" /* any object may have it */
const struct key *keys_of(enum section section, size_t *ret_n);
const struct key *key_find(enum section section, const char *name);
/* The key that has this word among its values; NULL. */
const struct key *key_of_value(enum section section, const char *word);
#endif

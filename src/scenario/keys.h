/* The one table of keys: the loader, the schema and the manual read it. */
#ifndef PKTPATH_SCENARIO_KEYS_H
#define PKTPATH_SCENARIO_KEYS_H
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
	SECTION_SUBNET,
	SECTION_NSG,
	SECTION_RULE,
	SECTION_RULE_SET,
	SECTION_ROUTE_TABLE,
	SECTION_ROUTE,
	SECTION_ROUTE_ADD,
	SECTION_SITE,
	SECTION_GATEWAY,
	SECTION_ASE,
	SECTION_APP,
	SECTION_NAT,
	SECTION_HOST,
	SECTION_FLOW,
	SECTION_REPEAT,
	SECTION_LATE,
	SECTION_EVENT,
	SECTION_TAP,
	SECTION_EXPECT,
	SECTION_COUNT_RANGE,
	SECTION_CONNECTIONS,
	SECTION_COUNT
};
const char *section_name(enum section section); /* for people: "an environment" */

enum key_type {
	KEY_TEXT,
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
	KEY_WHOM,       /* prefixes and tags */
	KEY_PORTS,      /* any, N, FIRST-LAST */
	KEY_PORT_RANGE, /* FIRST-LAST */
	KEY_LISTEN,     /* PORT/PROTO */
	KEY_BLOCK,      /* N, auto or shared */
	KEY_REF,        /* the name of something else in the file */
	KEY_REFS,
	KEY_SUBNET,  /* VNET/SUBNET */
	KEY_FROM,    /* who calls: HOST, ASE/APP, ASE/worker-N */
	KEY_TO,      /* who is called: ...:PORT/PROTO, HOST/icmp */
	KEY_FLOWS,   /* NAME, NAME[I], NAME[I..K] */
	KEY_WORKER,  /* N or worker-N */
	KEY_WORKERS, /* worker-N */
	KEY_POINT,
	KEY_POINTS,
	KEY_COUNT,   /* N, or {min, max} */
	KEY_PASS,    /* N, or last */
	KEY_SECTION, /* a map of the keys of section `of` */
	KEY_NAMED,   /* a map of names to such maps */
	KEY_LIST,    /* a list of such maps */
	KEY_TAPS,    /* KEY_NAMED, or none */
	KEY_ROUTE,   /* a map of the keys of section `of`, or a map of one name to a route */
	KEY_ROUTES,  /* names or prefixes */
	KEY_FILES,   /* paths, relative to the file */
	KEY_VARS,    /* a map of names to any values */
	KEY_BY_FORM, /* what it is depends on the form: see there */
	KEY_TYPE_COUNT
};

struct key {
	const char *name;
	enum key_type type;
	bool required;
	const char *fallback; /* default as text; NULL where there is none */
	int64_t min, max;     /* KEY_INT; KEY_DURATION and KEY_HOLD in ns; KEY_SIZE in bytes; max 0: no bound */
	const char *values;   /* "a|b|c"; of a KEY_BOOL the one that it must be */
	enum section of;
	const char *beside; /* a key that it needs beside it */
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

const struct key *keys_of(enum section section, size_t *ret_n);
const struct key *key_find(enum section section, const char *name);
#endif

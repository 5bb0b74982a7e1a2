/* The one table of keys: the loader, and later the schema and the manual, read it. */
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
	KEY_SIZE,
	KEY_RATE,
	KEY_FRACTION,
	KEY_WALL_TIME,
	KEY_ADDRESS,
	KEY_PREFIX,
	KEY_PREFIXES, /* one or a list */
	KEY_ENUM,
	KEY_PORT_RANGE,
	KEY_REF, /* the name of something else in the file */
	KEY_POINT,
	KEY_POINTS,
	KEY_LIST,
	KEY_MAP,
	KEY_ANY, /* several shapes; the help says which */
	KEY_TYPE_COUNT
};

struct key {
	const char *name;
	enum key_type type;
	bool required;
	const char *fallback; /* default as text; NULL where there is none */
	int64_t min, max;     /* KEY_INT; KEY_DURATION in ns; KEY_SIZE in bytes; max 0: no bound */
	const char *values;   /* KEY_ENUM: "a|b|c" */
	const char *help;
};

const struct key *keys_of(enum section section, size_t *ret_n);
const struct key *key_find(enum section section, const char *name);
#endif

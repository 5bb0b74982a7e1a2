/* Inside the table of keys: its parts, and where values lie. Each macro holds the member's size against its form. */
#ifndef PKTPATH_SCENARIO_KEYS_INTERNAL_H
#define PKTPATH_SCENARIO_KEYS_INTERNAL_H
#include "model/model.h"
#include "scenario/keys.h"

#define S 1000000000LL
#define MAX_TIME (1825LL * 86400LL * S) /* five years: sums of a few of these are far from overflow */

struct key_list {
	const struct key *items;
	size_t n;
};
#define KEY_LIST_OF(array) const struct key_list keys_##array = {(array), sizeof(array) / sizeof *(array)}
extern const struct key_list keys_network;
extern const struct key_list keys_links;
extern const struct key_list keys_link;
extern const struct key_list keys_vnet;
extern const struct key_list keys_peering;
extern const struct key_list keys_subnet;
extern const struct key_list keys_nsg;
extern const struct key_list keys_rule;
extern const struct key_list keys_rule_set;
extern const struct key_list keys_route_table;
extern const struct key_list keys_route;
extern const struct key_list keys_route_add;
extern const struct key_list keys_site;
extern const struct key_list keys_gateway;
#define KIND_KEYS(KIND, kind, article, words, schema, help, stands) extern const struct key_list keys_##kind;
NETWORK_KINDS(KIND_KEYS)
#define KIND_SUBKEYS(SECTION, keys, words, schema) extern const struct key_list keys_##keys;
NETWORK_KIND_SECTIONS(KIND_SUBKEYS)
extern const struct key_list keys_balancer;
extern const struct key_list keys_frontend;
extern const struct key_list keys_probe;
extern const struct key_list keys_balancing;
extern const struct key_list keys_inbound_nat;
extern const struct key_list keys_outbound;
extern const struct key_list keys_ase;
extern const struct key_list keys_app;
extern const struct key_list keys_nat;
extern const struct key_list keys_mapping;
extern const struct key_list keys_doubling;
extern const struct key_list keys_port_hold;
extern const struct key_list keys_host;
extern const struct key_list keys_public_ip;
extern const struct key_list keys_flow;
extern const struct key_list keys_repeat;
extern const struct key_list keys_late;
extern const struct key_list keys_packet;
extern const struct key_list keys_packet_fields;
extern const struct key_list keys_packet_fragment;
extern const struct key_list keys_packet_icmp;
extern const struct key_list keys_event;
extern const struct key_list keys_forget;
extern const struct key_list keys_tap;
extern const struct key_list keys_expect;
extern const struct key_list keys_count_range;
extern const struct key_list keys_connections;
extern const struct key_list keys_top;

/* The offset of a member that has `bytes` bytes; with any other size it does not compile (a division by zero). */
#define AT(type, member, bytes) ((uint32_t)(offsetof(type, member) / (sizeof((type *)0)->member == (bytes))))
#define FLAG(type, member) (AT(type, member, 1) + 1)
#define MEMBER(value_form, type, member, bytes)                                                                        \
	{                                                                                                              \
		.form = value_form, .at = AT(type, member, bytes)                                                      \
	}
#define MEMBER_IF(value_form, type, member, bytes, flag)                                                               \
	{                                                                                                              \
		.form = value_form, .at = AT(type, member, bytes), .if_at = FLAG(type, flag)                           \
	}
#define MEMBER_UNLESS(value_form, type, member, bytes, flag)                                                           \
	{                                                                                                              \
		.form = value_form, .at = AT(type, member, bytes), .unless_at = FLAG(type, flag)                       \
	}
#define SEVERAL(value_form, type, member, n)                                                                           \
	{                                                                                                              \
		.form = value_form, .at = AT(type, member, sizeof(void *)), .n_at = (uint32_t)offsetof(type, n),       \
		.n_bytes = sizeof(((type *)0)->n), .item_bytes = sizeof *((type *)0)->member                           \
	}
#define OF_ALL(value_form, type, member, array, bytes)                                                                 \
	.form = value_form, .at = AT(type, member, bytes), .of_at = (uint32_t)offsetof(struct model, array),           \
	.item_bytes = sizeof *((struct model *)0)->array

#define AS_WRITTEN                                                                                                     \
	{                                                                                                              \
		.form = VALUE_AS_WRITTEN                                                                               \
	}
#define JOINED                                                                                                         \
	{                                                                                                              \
		.form = VALUE_JOINED                                                                                   \
	}
#define HERE                                                                                                           \
	{                                                                                                              \
		.form = VALUE_SECTION                                                                                  \
	} /* the keys below it are of the same object */
#define HERE_IF(type, flag)                                                                                            \
	{                                                                                                              \
		.form = VALUE_SECTION, .if_at = FLAG(type, flag)                                                       \
	}
#define SECTION_AT(type, member)                                                                                       \
	{                                                                                                              \
		.form = VALUE_SECTION, .at = (uint32_t)offsetof(type, member)                                          \
	}
#define SECTION_AT_IF(type, member, flag)                                                                              \
	{                                                                                                              \
		.form = VALUE_SECTION, .at = (uint32_t)offsetof(type, member), .if_at = FLAG(type, flag)               \
	}
#define NAMED_IN(type, member, n) SEVERAL(VALUE_NAMED, type, member, n)
#define LISTED_IN(type, member, n) SEVERAL(VALUE_LISTED, type, member, n)
#define SUBNETS_IN                                                                                                     \
	{                                                                                                              \
		.form = VALUE_SUBNETS                                                                                  \
	}
#define APPS_IN                                                                                                        \
	{                                                                                                              \
		.form = VALUE_APPS                                                                                     \
	}
#define RULES_IN(direction)                                                                                            \
	{                                                                                                              \
		.form = VALUE_RULES, .at = (direction)                                                                 \
	}
#define IN_NAME(type, member) MEMBER(VALUE_NAME, type, member, sizeof(char *))
#define IN_TEXT(type, member) MEMBER(VALUE_TEXT, type, member, sizeof(char *))
#define IN_U16(type, member) MEMBER(VALUE_U16, type, member, 2)
#define IN_U32(type, member) MEMBER(VALUE_U32, type, member, 4)
#define IN_U64(type, member) MEMBER(VALUE_U64, type, member, 8)
#define IN_BOOL(type, member) MEMBER(VALUE_BOOL, type, member, 1)
#define IN_TRUTH(type, member) MEMBER(VALUE_TRUTH, type, member, 1)
#define IN_EITHER(type, member) MEMBER(VALUE_EITHER, type, member, 1)
#define IN_ENUM(type, member) MEMBER(VALUE_ENUM, type, member, 4)
#define IN_BITS(type, member) MEMBER(VALUE_BITS, type, member, 4)
#define IN_NS(type, member) MEMBER(VALUE_NS, type, member, 8)
#define IN_SIZE32(type, member) MEMBER(VALUE_SIZE32, type, member, 4)
#define IN_SIZE(type, member) MEMBER(VALUE_SIZE64, type, member, 8)
#define IN_RATE(type, member) MEMBER(VALUE_RATE, type, member, 8)
#define IN_PARTS(type, member) MEMBER(VALUE_PARTS, type, member, 8)
#define IN_WALL_TIME(type, member) MEMBER(VALUE_WALL_TIME, type, member, 8)
#define IN_ADDRESS(type, member) MEMBER(VALUE_ADDRESS, type, member, 4)
#define IN_PREFIX(type, member) MEMBER(VALUE_PREFIX, type, member, sizeof(struct prefix))
#define IN_PROTO(type, member) MEMBER(VALUE_PROTO, type, member, 1)
#define IN_BLOCK(type, member) MEMBER(VALUE_BLOCK, type, member, 4)
#define IN_NS_IF(type, member, flag) MEMBER_IF(VALUE_NS, type, member, 8, flag)
#define IN_TEXT_UNLESS(type, member, flag) MEMBER_UNLESS(VALUE_TEXT, type, member, sizeof(char *), flag)
#define IN_NS_UNLESS(type, member, flag) MEMBER_UNLESS(VALUE_NS, type, member, 8, flag)
#define IN_SIZE_UNLESS(type, member, flag) MEMBER_UNLESS(VALUE_SIZE32, type, member, 4, flag)
#define IN_U32_UNLESS(type, member, flag) MEMBER_UNLESS(VALUE_U32, type, member, 4, flag)
#define IN_BOOL_UNLESS(type, member, flag) MEMBER_UNLESS(VALUE_BOOL, type, member, 1, flag)
#define IN_ADDRESSES(type, member, n) SEVERAL(VALUE_ADDRESSES, type, member, n)
#define IN_PREFIXES(type, member, n) SEVERAL(VALUE_PREFIXES, type, member, n)
#define IN_RANGES(type, member, n) SEVERAL(VALUE_RANGES, type, member, n)
#define NAMES_IN(type, member, n) SEVERAL(VALUE_NAMES, type, member, n)
#define TAGS_IN(type, member, n) SEVERAL(VALUE_TAGS, type, member, n)
#define IN_PARTIES(type, member, n) SEVERAL(VALUE_PARTIES, type, member, n)
#define IN_PORTS(type, member, n) SEVERAL(VALUE_PORTS, type, member, n)
#define IN_LISTEN(type, member, n) SEVERAL(VALUE_LISTEN, type, member, n)
#define WORKERS_IN(type, member, n, flag)                                                                              \
	{                                                                                                              \
		.form = VALUE_WORKERS, .at = AT(type, member, sizeof(void *)), .n_at = (uint32_t)offsetof(type, n),    \
		.n_bytes = sizeof(((type *)0)->n), .unless_at = FLAG(type, flag)                                       \
	}
#define REF_IN(type, member, array)                                                                                    \
	{                                                                                                              \
		OF_ALL(VALUE_REF, type, member, array, 4)                                                              \
	}
#define REFS_IN(type, member, n, array)                                                                                \
	{                                                                                                              \
		OF_ALL(VALUE_REFS, type, member, array, sizeof(void *)), .n_at = (uint32_t)offsetof(type, n),          \
									 .n_bytes = sizeof(((type *)0)->n)             \
	}
#define SUBNET_IN(type, member) MEMBER(VALUE_SUBNET, type, member, 4)
#define SUBNET_IN_IF(type, member, flag) MEMBER_IF(VALUE_SUBNET, type, member, 4, flag)
#define IN_U16_UNLESS(type, member, flag) MEMBER_UNLESS(VALUE_U16, type, member, 2, flag)
#define SERVICE_IN(type, port, proto)                                                                                  \
	{                                                                                                              \
		.form = VALUE_SERVICE, .at = AT(type, port, 2), .n_at = AT(type, proto, 1)                             \
	}
#define MACHINE_PORT_IN(type, host, port)                                                                              \
	{                                                                                                              \
		.form = VALUE_MACHINE_PORT, .at = AT(type, host, 4), .n_at = AT(type, port, 2)                         \
	}
#define PEERS_IN                                                                                                       \
	{                                                                                                              \
		.form = VALUE_PEERS                                                                                    \
	}
#define DESTINATIONS_IN                                                                                                \
	{                                                                                                              \
		.form = VALUE_DESTINATIONS                                                                             \
	}
#define HOP_IN                                                                                                         \
	{                                                                                                              \
		.form = VALUE_HOP                                                                                      \
	}
#define PORT_RANGE_IN                                                                                                  \
	{                                                                                                              \
		.form = VALUE_PORT_RANGE, .as_said = true                                                              \
	}
#define REPLY_IN                                                                                                       \
	{                                                                                                              \
		.form = VALUE_REPLY                                                                                    \
	}
#define THEN_IN                                                                                                        \
	{                                                                                                              \
		.form = VALUE_THEN                                                                                     \
	}
#define HOLD_IN                                                                                                        \
	{                                                                                                              \
		.form = VALUE_HOLD                                                                                     \
	}
#define LATE_ON_IN                                                                                                     \
	{                                                                                                              \
		.form = VALUE_LATE_ON                                                                                  \
	}
#define AS_SAID(value_form, type, member, bytes)                                                                       \
	{                                                                                                              \
		.form = value_form, .at = AT(type, member, bytes), .as_said = true                                     \
	}
#define IN_NS_AS_SAID(type, member) AS_SAID(VALUE_NS, type, member, 8)
#define OF_STATE(value_form, member, bytes)                                                                            \
	{                                                                                                              \
		.form = value_form, .at = AT(struct nat_rules, member, bytes), .as_said = true, .of_state = true       \
	}
#define IN_STATE_NS(member) OF_STATE(VALUE_NS, member, 8)
#define IN_STATE_U32(member) OF_STATE(VALUE_U32, member, 4)
#define IN_ENUM_AS_SAID(type, member) AS_SAID(VALUE_ENUM, type, member, 4)
#define IN_BOOL_AS_SAID(type, member) AS_SAID(VALUE_BOOL, type, member, 1)
#define TCP_STATE_IN                                                                                                   \
	{                                                                                                              \
		.form = VALUE_TCP_STATE, .as_said = true                                                               \
	}
#define INVALID_IN                                                                                                     \
	{                                                                                                              \
		.form = VALUE_INVALID, .as_said = true                                                                 \
	}
#define FRAGMENTS_IN                                                                                                   \
	{                                                                                                              \
		.form = VALUE_FRAGMENTS                                                                                \
	}
/* The head of a row: a key that is printed as it was written, where no other value would teach anything. */
#define AS_WRITTEN_KEY(key) WRITTEN_KEY(key, MUTATE_NOT)
/* The same, with its mutation, which counts where the file has the key. */
#define WRITTEN_KEY(key, how) .name = (key), .value = AS_WRITTEN, .mutation = (how), .mutated_where_said = true
/* Of each object: whatever has a name, or stands in a list. */
#define SOURCE_KEY                                                                                                     \
	{                                                                                                              \
		AS_WRITTEN_KEY(SOURCE_KEY_NAME),                                                                       \
			.type = KEY_SOURCE,                                                                            \
			.help = "FILE:LINE that it was made from: explanations, failures and pages name both lines."   \
	}
#define IN_LIMIT(member) AS_SAID(VALUE_LIMIT, struct nat_rules, member, 4)
#define SOME_PREFIXES(type, member, n) SEVERAL(VALUE_SOME_PREFIXES, type, member, n)
#define HOST_KEY(value_form)                                                                                           \
	{                                                                                                              \
		.form = (value_form)                                                                                   \
	}
#endif

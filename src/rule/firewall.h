/* A stateful firewall with three kinds of rules: may this flow pass, and how is it translated? Pure: rules and a tuple go
 * in, the rule that decides comes out.
 *
 * DOC: kinds are asked in the order DNAT, network, application; within a kind collections by their priority, the lowest
 * number first, and the rules of a collection in their order. The first that matches decides; none denies (azure:
 * firewall, rule-processing). A DNAT rule allows what it translates, unless a network rule denies that. What sessions
 * are, and what they keep, is session.h's. */
#ifndef PKTPATH_RULE_FIREWALL_H
#define PKTPATH_RULE_FIREWALL_H
#include "base/place.h"
#include "net/prefix.h"
#include "net/tuple.h"
#include <stdbool.h>
#include <stddef.h>

enum firewall_rules_kind { FIREWALL_DNAT, FIREWALL_NETWORK, FIREWALL_APPLICATION, FIREWALL_KIND_COUNT };
/* Bits of protocols; HTTP, HTTPS and MSSQL are what application rules know. */
enum firewall_proto {
	FIREWALL_TCP = 1,
	FIREWALL_UDP = 2,
	FIREWALL_ICMP = 4,
	FIREWALL_ANY = 7,
	FIREWALL_HTTP = 8,
	FIREWALL_HTTPS = 16,
	FIREWALL_MSSQL = 32
};
struct firewall_ports { /* both included */
	uint16_t first, last;
};

struct firewall_rule {
	const char *name;
	const char *path; /* "COLLECTION/RULE" */
	uint32_t protos;  /* enum firewall_proto */
	struct prefix *src, *dst;
	struct firewall_ports *dst_ports;
	size_t n_src, n_dst, n_dst_ports; /* 0: any */
	be32 to;                          /* DNAT */
	uint16_t to_port;
	uint32_t to_host;   /* whose address `to` is; UINT32_MAX */
	const char **fqdns; /* APPLICATION: "www.example.net", "*.example.net", "*" */
	size_t n_fqdns;
	struct place place;
};

struct firewall_collection {
	const char *name;
	enum firewall_rules_kind kind;
	uint32_t priority;
	bool allow;
	struct firewall_rule *rules;
	size_t n_rules;
	struct place place;
};

/* Sorted by kind, then priority. */
struct firewall_rules {
	struct firewall_collection *collections;
	size_t n;
};

enum firewall_answer {
	FIREWALL_DENIED,     /* by `rule`, or by default where it is NULL */
	FIREWALL_ALLOWED,    /* by a network rule */
	FIREWALL_TRANSLATED, /* by a DNAT rule */
	FIREWALL_BY_NAME,    /* application rules decide once the name is known */
};
struct firewall_judgement {
	enum firewall_answer answer;
	const struct firewall_rule *rule;
};

/* A flow whose first packet has this tuple; `is_own`: its destination is an address of the firewall itself. */
struct firewall_judgement firewall_judge(const struct firewall_rules *rules, const struct tuple *tuple, bool is_own);
/* An application's call to this name; NULL: it has none. ALLOWED or DENIED. */
struct firewall_judgement firewall_judge_name(const struct firewall_rules *rules, const struct tuple *tuple,
					      const char *name);
/* In what a rule of this kind does not match, for explanations; 0: it matches. `name`: the one that is called; NULL. */
enum firewall_mismatch {
	FIREWALL_MISMATCH_PROTO = 1,
	FIREWALL_MISMATCH_SRC = 2,
	FIREWALL_MISMATCH_DST = 4,
	FIREWALL_MISMATCH_PORT = 8,
	FIREWALL_MISMATCH_NAME = 16
};
unsigned firewall_mismatch(const struct firewall_rule *rule, enum firewall_rules_kind kind, const struct tuple *tuple,
			   const char *name);
/* The protocol of an application at this port of TCP; 0: none. */
uint32_t firewall_application(const struct tuple *tuple);
bool firewall_name_matches(const char *pattern, const char *name);
/* Does a rule match some flow that the other matches, too? */
bool firewall_rules_overlap(const struct firewall_rule *a, const struct firewall_rule *b);
#endif

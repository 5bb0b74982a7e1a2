/* Kinds of things that stand in the network by a name of their own and are loaded, registered, built and drawn alike:
 * one line each. What is peculiar to a kind stands in its own files: src/model/KIND.[ch] (what the file says of it, and
 * its row of the register), src/scenario/KIND.c (its keys and their decoder), src/network/KIND.c (what it does with
 * packets).
 *
 * DOC: a line makes the section `network.KINDs`, the arrays `model->KINDs` and `elements->of_kind[]`, the kind and owner
 * of elements, the section of keys, the place in the one name space and in the ledger of addresses. Its config begins as
 * struct kind_item does. */
#ifndef PKTPATH_MODEL_KINDS_H
#define PKTPATH_MODEL_KINDS_H
#include "model/firewall.h"
#include "model/nat_gateway.h"
#include "model/private_endpoint.h"
#include "model/web_app.h"

/* X(KIND, kind, article, words, name of its schema, help of its section, NAT_ALONE, END_POINT, CALLED or SERVICE). An
 * end point stands in a subnet, and routes may lead to it; one that is called alone is no next hop; a service stands in
 * no subnet. */
#define NETWORK_KINDS(X)                                                                                               \
	X(FIREWALL, firewall, "a ", "firewall", "firewall", "Azure Firewalls, by name.", END_POINT)                    \
	X(NAT_GATEWAY, nat_gateway, "a ", "NAT gateway", "nat-gateway", "NAT gateways, by name.", NAT_ALONE)           \
	X(PRIVATE_ENDPOINT, private_endpoint, "a ", "private endpoint", "private-endpoint",                            \
	  "Private endpoints of platform services, by name.", CALLED)                                                  \
	X(WEB_APP, web_app, "a ", "web app", "web-app", "Web apps of the multi-tenant service, by name.", SERVICE)
/* Sections of keys inside those of a kind: X(SECTION, array of its keys, in words, name of its schema) */
#define NETWORK_KIND_SECTIONS(X)                                                                                       \
	X(SECTION_FIREWALL_RULES, firewall_rules, "the rules of a firewall", "firewall-rules")                         \
	X(SECTION_FIREWALL_COLLECTION, firewall_collection, "a collection of rules", "firewall-collection")            \
	X(SECTION_FIREWALL_CHANGE, firewall_change, "a change of a firewall's rules", "firewall-change")               \
	X(SECTION_FIREWALL_RULE, firewall_rule, "a rule of a firewall", "firewall-rule")
/* Events that give a subnet another element of the kind, `KIND: VNET/SUBNET, to: NAME|none`: X(kind, help) */
#define NETWORK_KIND_EVENTS(X) X(nat_gateway, "VNET/SUBNET whose NAT gateway changes, with `to`: a name, or none.")

#define KIND_MEMBER(KIND, kind, article, words, schema, help, stands) KIND_##KIND,
enum network_kind { NETWORK_KINDS(KIND_MEMBER) KIND_COUNT };
#define KIND_CASE(KIND, kind, article, words, schema, help, stands) case ELEMENT_##KIND:
#endif

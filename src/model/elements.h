/* The register of elements: everything that stands in the network, once, in one order. An element's index is its point
 * in expectations, its node in a world, and its box in a picture; names, owners, places and neighbours, and which NATs
 * there are, are asked of the register.
 *
 * DOC: the order is fixed: regions, backbone, Internet; of each environment its VIP, front ends and workers (as many as
 * the timeline ever scales to); of each VNet the address that Azure lends; of each site its gateway and its NAT; the kinds of
 * kinds.h; of each web app its outbound addresses and instances; frontends of load balancers; hosts; resolvers. Environments, VNets, sites and hosts come sorted by name. So indices, which break ties between events of
 * one instant, depend on the network alone and not on the traffic. */
#ifndef PKTPATH_MODEL_ELEMENTS_H
#define PKTPATH_MODEL_ELEMENTS_H
#include "base/arena.h"
#include "model/model.h"

enum element_kind {
	/* the network itself: it carries, and decides nothing */
	ELEMENT_REGION,
	ELEMENT_BACKBONE,
	ELEMENT_INTERNET,
	ELEMENT_GATEWAY, /* of a site; "gateway/SITE" */
	/* NATs that stand by themselves */
	ELEMENT_VIP,      /* of an environment; "ASE/vip" */
	ELEMENT_LENT,     /* the address that Azure lends to a VNet's machines without one; "VNET/outbound" */
	ELEMENT_SITE_NAT, /* "SITE/nat" */
#define KIND_ELEMENT(KIND, kind, article, words, schema, help, stands) ELEMENT_##KIND,
	NETWORK_KINDS(KIND_ELEMENT) /* by themselves, of their own name */
	ELEMENT_INTERNAL,           /* inbound address of an environment; "ASE/internal" */
	ELEMENT_FRONTEND,           /* of a load balancer; "BALANCER/FRONTEND" */
	ELEMENT_APP_OUTBOUND,       /* addresses of a web app's calls; "APP/outbound" */
	/* end points */
	ELEMENT_FRONT_END,
	ELEMENT_WORKER,
	ELEMENT_APP_INSTANCE, /* of a web app; "APP/instance-N" */
	ELEMENT_MACHINE,      /* a VM that does not forward */
	ELEMENT_APPLIANCE,    /* a VM that does, with or without NAT */
	ELEMENT_INTERNET_HOST,
	ELEMENT_SERVICE,
	ELEMENT_SITE_MACHINE,
	ELEMENT_AZURE_DNS,
	ELEMENT_PUBLIC_DNS,
	ELEMENT_KIND_COUNT
};

/* To what of the model an element belongs; its `owner` is the index there. */
enum element_owner {
	OWNER_NOTHING,
	OWNER_REGION,
	OWNER_ENVIRONMENT,
	OWNER_VNET,
	OWNER_SITE,
	OWNER_HOST,
	OWNER_FRONTEND,
#define KIND_OWNER(KIND, kind, article, words, schema, help, stands) OWNER_##KIND,
	NETWORK_KINDS(KIND_OWNER)
};

struct element_traits {
	const char *word; /* "site NAT" */
	enum element_owner owner;
	bool is_end_point;  /* it has a stack, calls and is called */
	bool is_nat_alone;  /* a NAT and nothing else; an appliance's NAT is a part of it */
	bool is_next_hop;   /* of kinds.h: routes may lead to it */
	bool can_stop;      /* by the timeline */
	bool has_instances; /* of a NAT: owners of its ports are instances by their numbers, and no inside addresses */
	bool is_azures;     /* an end point whose network card is one of Azure's */
};
extern const struct element_traits element_traits[ELEMENT_KIND_COUNT];
static inline bool element_is_end_point(enum element_kind kind)
{
	return element_traits[kind].is_end_point;
}
static inline bool element_has_instances(enum element_kind kind)
{
	return element_traits[kind].has_instances;
}
static inline bool element_is_nat_alone(enum element_kind kind)
{
	return element_traits[kind].is_nat_alone;
}
/* One of the kinds of kinds.h. */
static inline bool element_is_of_kinds(enum element_kind kind)
{
#define KIND_IS(KIND, kind, article, words, schema, help, stands) of == ELEMENT_##KIND ||
	enum element_kind of = kind;
	return NETWORK_KINDS(KIND_IS) false;
}
/* A virtual machine of a scenario, that is no instance of an environment. */
static inline bool element_is_vm(enum element_kind kind)
{
	return kind == ELEMENT_MACHINE || kind == ELEMENT_APPLIANCE;
}

struct element {
	enum element_kind kind;
	uint32_t owner;  /* region, environment, VNet, site or host, by the kind's traits; 0 where it has none */
	uint32_t number; /* of a worker or front end of its environment; else 0 */
	uint32_t region; /* to whose network it is joined; NONE on the Internet, and at sites */
	uint32_t realm;  /* whose addresses it has inside: a VNet, a site (realm_of_site()), NONE: public ones */
	uint32_t vnet, subnet, site; /* in which it stands; NONE */
	be32 addr;                   /* its own; ADDR_NONE where it has none; of a NAT the first outside */
	const char *name;            /* "ase-one/vip" */
	const char *description;     /* "public VIP of ase-one, 192.23.1.2" */
	struct place place;          /* of the key that makes it; PLACE_NONE where there is none */
	/* The NAT that it is, or has; NULL where no packet is translated by it. */
	const struct nat_rules *nat;
	const char *nat_name; /* as expectations call it: "ase-one" */
	/* Which keys of NATs the file can give it, each with its name there, ended by NULL; NULL: all, by their own names. */
	const char *const *nat_keys;
};

struct element_name {
	const char *name;
	uint32_t element;
};

struct elements {
	struct element *items;
	uint32_t n;
	uint32_t *vip;                 /* by environment; its front ends and workers follow */
	uint32_t *lent;                /* by VNet */
	uint32_t *gateway, *nat;       /* by site; NONE where it has none */
	uint32_t *of_kind[KIND_COUNT]; /* by the index in the array of the kind */
	uint32_t *app_outbound;        /* by web app; its instances follow */
	uint32_t *internal;            /* by environment; NONE where it has none */
	uint32_t *frontend;            /* by frontend of load balancers */
	uint32_t *host;                /* by host */
	uint32_t azure_dns, public_dns;
	struct element_name *names; /* sorted by name */
	struct decided_by *by;      /* who decides, these and others, sorted by name (decided_by.h) */
	size_t n_by;
};

/* Fills model->elements, once the network is decoded, be it right or wrong. 0, -ENOMEM. */
int elements_register(struct arena *arena, struct model *model);

static inline const struct element *element_at(const struct model *model, uint32_t element)
{
	return &model->elements->items[element];
}
static inline const struct element *element_of_frontend(const struct model *model, uint32_t frontend)
{
	return element_at(model, model->elements->frontend[frontend]);
}
/* Whose NAT an element uses: that of the first frontend, where an outbound rule has several; else its own. */
static inline uint32_t element_of_nat(const struct model *model, uint32_t element)
{
	const struct element *at = element_at(model, element);
	uint32_t lender = at->kind == ELEMENT_FRONTEND && !at->nat ? model->frontends[at->owner].nat_of : NONE;
	return lender == NONE ? element : model->elements->frontend[lender];
}
/* By its name; NONE. */
uint32_t element_find(const struct model *model, const char *name);
/* The nearest name, for "did you mean"; NULL where none is near, or memory is short. */
const char *element_nearest(const struct model *model, struct arena *arena, const char *name);
/* By the order of the register. */
static inline uint32_t element_of_region(uint32_t region)
{
	return region;
}
static inline uint32_t element_backbone(const struct model *model)
{
	return (uint32_t)model->n_regions;
}
static inline uint32_t element_internet(const struct model *model)
{
	return element_backbone(model) + 1;
}
static inline uint32_t element_front_end(const struct model *model, uint32_t ase, uint32_t number)
{
	return model->elements->vip[ase] + 1 + number;
}
static inline uint32_t element_worker(const struct model *model, uint32_t ase, uint32_t number)
{
	return element_front_end(model, ase, model->ases[ase].front_ends + number);
}
static inline uint32_t realm_of_site(const struct model *model, uint32_t site)
{
	return (uint32_t)model->n_vnets + site;
}
/* Does one link join the two? */
bool elements_are_neighbours(const struct model *model, uint32_t a, uint32_t b);

/* ---- next hops: machines that routes lead to, hosts before end points of the kinds ---- */
uint32_t next_hop_find(const struct model *model, const char *name); /* NONE; a host of any kind */
/* The one of the kinds, no host, that has this address of its own; NONE. */
uint32_t next_hop_at(struct arena *arena, const struct model *model, be32 addr);
const char *next_hop_name(const struct model *model, uint32_t hop);
uint32_t next_hop_element(const struct model *model, uint32_t hop);
/* A pool of a standard load balancer has the machine: Azure lends it no address (default-outbound-access). */
bool balancers_are_standard(const struct model *model, uint32_t host);

/* A rule of the frontend has the machine behind it. */
bool balancers_reach(const struct model *model, uint32_t frontend, uint32_t host);

/* ---- which NATs there are ---- */
/* The first from this element on that translates; NONE where there is none: for (nat = element_next_nat(model, 0); nat
 * != NONE; nat = element_next_nat(model, nat + 1)). */
uint32_t element_next_nat(const struct model *model, uint32_t from);
/* The machine whose ports have this number at the NAT of an element: a worker, an instance, a machine of a load
 * balancer's pool; NONE. */
uint32_t element_of_port_owner(const struct model *model, uint32_t nat, uint32_t number);
/* The number of the machine with this address; NONE where it has no ports of its own there. */
uint32_t element_port_number(const struct model *model, uint32_t nat, be32 addr);
/* The name that DNS has for the host or web app with this address; NULL. */
const char *dns_name_of_address(const struct model *model, be32 addr);
/* The path of the section of the file that makes an element, as --set takes it: "network.hosts.vm-1"; NULL where none
 * does, or memory is short. */
const char *element_path(const struct model *model, struct arena *arena, const struct element *element);
/* As expectations or trails name it, "ase-one" or "ase-one/vip"; NONE. */
uint32_t element_find_nat(const struct model *model, const char *name);
/* All of them, as expectations name them, in `arena`; NULL where memory is short. */
const char **element_nat_names(const struct model *model, struct arena *arena, size_t *ret_n);
#endif

/* Inside the evaluation of ARM templates: expressions, the scopes they are evaluated in, and the resources of a
 * deployment. Nothing is deployed: what only Azure knows is unknown, with the reason, and the unknown is followed. */
#ifndef PKTPATH_IMPORT_ARM_H
#define PKTPATH_IMPORT_ARM_H
#include "import/import.h"

#define ARM_MAX_NESTING 64u /* of calls in an expression */
#define ARM_MAX_DEPTH 600u  /* of evaluation: variables that use variables, templates within templates */
#define ARM_MAX_COPIES 800  /* as Azure has it */
#define ARM_MAX_ENTRIES 50000u
#define ARM_MAX_RANGE 10000

#define ARM_SUBSCRIPTION "00000000-0000-0000-0000-000000000000"
#define ARM_GROUP "group"
#define ARM_LOCATION "eastus"

/* ---- expressions ---- */

enum expression_kind { EXPRESSION_TEXT, EXPRESSION_NUMBER, EXPRESSION_CALL, EXPRESSION_MEMBER, EXPRESSION_INDEX };

struct expression {
	enum expression_kind kind;
	bool safe;        /* of `.?` and `[?` */
	const char *text; /* of a text; the function; the member */
	int64_t number;
	struct expression **args; /* of a call; of a member its object; of an index the array and the index */
	size_t n;
};

bool arm_is_expression(const char *text);
/* What stands between the brackets. NULL where it is wrong: the diagnostics say how, at the place of `at`. */
struct expression *arm_parse(struct import *import, const struct js *at);

/* ---- scopes ---- */

enum arm_state { ARM_NEW, ARM_BUSY, ARM_DONE };

struct named_value { /* a parameter or a variable */
	const char *name;
	struct js *declared;
	struct js *given; /* of a parameter */
	struct js *value;
	enum arm_state state;
	bool copied; /* a variable that a `copy` makes: declared is its item */
};

struct scope { /* a template as it is deployed once */
	struct arm *arm;
	struct scope *outer;
	const struct input *input;
	struct js *template;
	struct scope *names; /* whose parameters and variables hold here: itself, or the outer one's */
	struct named_value *parameters, *variables;
	size_t n_parameters, n_variables;
	const char *deployment, *group, *subscription;
	struct loop *loop; /* of a nested template whose expressions are the outer one's */
	unsigned depth, number;
};

struct loop { /* a copy under way */
	const char *name;
	int64_t index;
	struct loop *outer;
	bool of_property; /* not of a resource */
};

struct lambda_value {
	const char *name;
	struct js *value;
	struct lambda_value *outer;
};

struct entry { /* a resource of a template, or one copy of it */
	struct scope *scope;
	const char *symbol; /* by which templates of version 2 name it; NULL */
	struct js *node;
	struct loop *loop;
	const char *type, *name, *id, *key;
	struct js *name_value;
	bool existing, deployment;
	enum arm_state state;
	bool deployed; /* once it is done: its condition holds */
	bool added;
	struct js *body;    /* once it is done */
	struct js *outputs; /* of a deployment */
	struct entry **inner;
	size_t n_inner;
	struct entry *same; /* another of the same id */
};

struct arm {
	struct import *import;
	struct store *store;
	struct entry **entries; /* of all templates */
	size_t n_entries;
	struct names by_key; /* ids, their tails, names and symbols, each in a space of its own */
	unsigned depth, n_scopes;
};

struct eval {
	struct arm *arm;
	struct scope *scope;
	struct loop *loop;
	struct lambda_value *lambdas;
	const struct js *at; /* the value of the template that is being evaluated */
};

/* ---- evaluating ---- */

/* A value of a template, with all expressions in it. Never NULL. */
struct js *arm_value(struct eval *eval, struct js *node);
struct js *arm_expression(struct eval *eval, const struct expression *expression);
struct js *arm_parameter(struct eval *eval, const char *name);
struct js *arm_variable(struct eval *eval, const char *name);
/* An unknown value, for this reason. */
struct js *arm_unknown(struct eval *eval, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One level deeper; false, with a diagnostic, where it is too deep. */
bool arm_enter(struct arm *arm, const struct js *at);
void arm_leave(struct arm *arm);

/* ---- functions ---- */

struct call {
	const struct expression *expression;
	struct js **args;
	size_t n;
};
typedef struct js *arm_fn(struct eval *eval, const struct call *call);
struct arm_function {
	const char *name;
	size_t least, most;
	arm_fn *call;
	bool lazy;          /* its arguments are not evaluated yet */
	bool takes_unknown; /* it knows what to do with unknown arguments */
};
const struct arm_function *arm_functions_text(size_t *ret_n);
const struct arm_function *arm_functions_value(size_t *ret_n);
const struct arm_function *arm_functions_list(size_t *ret_n);
const struct arm_function *arm_functions_encode(size_t *ret_n);
const struct arm_function *arm_functions_azure(size_t *ret_n);
const struct arm_function *arm_functions_address(size_t *ret_n);
const char *arm_text(const struct call *call, size_t arg); /* "" where it is no text */
int64_t arm_number(const struct call *call, size_t arg);
struct js *arm_empty(struct eval *eval, enum js_kind kind);
struct buf;
struct js *arm_take_buf(struct eval *eval, struct buf *buf); /* its text; frees the buffer */
struct js *arm_json(struct eval *eval, const struct call *call);
struct js *arm_format(struct eval *eval, const struct call *call);
uint64_t arm_hash(const char *text, uint64_t seed);

/* ---- deployments ---- */

/* The resource that a reference means: its symbol, its id, or its name; NULL. */
struct entry *arm_find(struct eval *eval, const char *reference);
/* Evaluates its body, once; false where that is under way already. */
bool arm_finish_entry(struct eval *eval, struct entry *entry);
/* The entries of a template, for each copy of each resource. */
void arm_enumerate(struct scope *scope, struct entry ***ret, size_t *ret_n);
void arm_deploy(struct scope *scope, struct entry *deployment);
struct scope *arm_scope(struct arm *arm, struct scope *outer, const struct input *input, struct js *template);
void arm_give_parameters(struct eval *outer, struct scope *scope, struct js *parameters);
struct input *arm_linked(struct import *import, const char *uri);
#endif

/* DOC: parameters and variables of a template. A value comes from --param, from files of parameters, from the deployment
 * that has the template in it, or from its default; where none of these has one, a text gets a stand-in made of the
 * parameter's name, so that names and references that are made of it still fit together, and all else is unknown. */
#include "import/arm.h"
#include <string.h>

static struct named_value *find_value(struct named_value *values, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (values[i].name && text_same(values[i].name, name))
			return &values[i];
	return NULL;
}

static bool add_value(struct scope *scope, struct named_value **values, size_t *n, struct named_value value)
{
	void *items = *values;
	if (!store_grow(scope->arm->store, &items, *n, sizeof **values))
		return false;
	*values = items;
	(*values)[(*n)++] = value;
	return true;
}

static void add_copied_variables(struct scope *scope, struct js *copies)
{
	each_item(copy, copies)
	{
		const char *name = js_string(js_get(copy, "name"));
		if (name)
			(void)add_value(scope, &scope->variables, &scope->n_variables,
					(struct named_value){.name = name, .declared = copy, .copied = true});
	}
}

struct scope *arm_scope(struct arm *arm, struct scope *outer, const struct input *input, struct js *template)
{
	struct scope *scope = store_array(arm->store, 1, sizeof *scope);
	struct js *parameters = js_get(template, "parameters"), *variables = js_get(template, "variables");
	if (!scope)
		return NULL;
	*scope = (struct scope){.arm = arm,
				.outer = outer,
				.input = input,
				.template = template,
				.deployment = outer ? "nested" : "deployment",
				.group = outer ? outer->group : ARM_GROUP,
				.subscription = outer ? outer->subscription : ARM_SUBSCRIPTION,
				.depth = outer ? outer->depth + 1 : 0,
				.number = arm->n_scopes++};
	scope->names = scope;
	for (struct js *at = parameters && parameters->kind == JS_OBJECT ? parameters->first : NULL; at; at = at->next)
		(void)add_value(scope, &scope->parameters, &scope->n_parameters,
				(struct named_value){.name = at->key, .declared = at});
	for (struct js *at = variables && variables->kind == JS_OBJECT ? variables->first : NULL; at; at = at->next)
		if (text_same(at->key, "copy") && at->kind == JS_ARRAY)
			add_copied_variables(scope, at);
		else
			(void)add_value(scope, &scope->variables, &scope->n_variables,
					(struct named_value){.name = at->key, .declared = at});
	return scope;
}

/* ---- parameters ---- */

/* {value: ...}, or a reference to a secret. */
static struct js *given_value(struct eval *eval, struct js *given)
{
	struct js *value = js_get(given, "value");
	if (value)
		return arm_value(eval, value);
	if (js_get(given, "copy")) { /* {copy: [{name: value, count: N, input: ...}]} */
		struct js *made = js_get(arm_value(eval, given), "value");
		if (made)
			return made;
	}
	if (js_get(given, "reference"))
		return js_unknown(eval->arm->store, "it is a secret of a key vault", given);
	return js_unknown(eval->arm->store, "the deployment gives it no value", given);
}

void arm_give_parameters(struct eval *outer, struct scope *scope, struct js *parameters)
{
	each_item(at, parameters && parameters->kind == JS_OBJECT ? parameters->first : NULL)
	{
		for (struct js *given = at; given; given = given->next) {
			struct named_value *value = find_value(scope->parameters, scope->n_parameters, given->key);
			if (value)
				value->given = given_value(outer, given);
		}
		break;
	}
}

static struct js *read_option(struct eval *eval, const struct named_value *parameter, const char *text)
{
	const char *type = js_string(js_get(parameter->declared, "type"));
	struct js *value = NULL;
	struct store *store = eval->arm->store;
	if (type && (text_same(type, "string") || text_same(type, "securestring")))
		return js_text(store, text, parameter->declared);
	if (js_read(store, "--param", text, strlen(text), &eval->arm->import->diags, &value) < 0)
		store->failed = true;
	return value ? value : js_unknown(store, "its option is wrong", parameter->declared);
}

static struct js *from_option(struct eval *eval, const struct named_value *parameter)
{
	struct import *import = eval->arm->import;
	if (eval->scope->outer)
		return NULL;
	for (size_t i = 0; i < import->n_params; i++)
		if (text_same(import->params[i].name, parameter->name)) {
			import->params[i].used = true;
			return read_option(eval, parameter, import->params[i].value);
		}
	return NULL;
}

static struct js *from_files(struct eval *eval, const struct named_value *parameter)
{
	struct import *import = eval->arm->import;
	struct js *found = NULL;
	if (eval->scope->outer)
		return NULL;
	for (size_t i = 0; i < import->n_inputs; i++) {
		struct js *given = import->inputs[i].kind == INPUT_PARAMETERS
					   ? js_get(js_get(import->inputs[i].root, "parameters"), parameter->name)
					   : NULL;
		found = given ? given : found;
	}
	return found ? given_value(eval, found) : NULL;
}

static struct js *without_value(struct eval *eval, const struct named_value *parameter)
{
	const char *type = js_string(js_get(parameter->declared, "type"));
	const char *why = store_printf(eval->arm->store, "parameter %s has no value (--param %s=VALUE)",
				       parameter->name, parameter->name);
	if (js_is_true(js_get(parameter->declared, "nullable")))
		return js_make(eval->arm->store, JS_NULL, parameter->declared);
	if (type && (text_same(type, "string") || text_same(type, "securestring")))
		return js_stand_in(eval->arm->store, parameter->name, why, parameter->declared);
	return js_unknown(eval->arm->store, why, parameter->declared);
}

static struct js *value_of_parameter(struct eval *eval, struct named_value *parameter)
{
	struct js *value = from_option(eval, parameter);
	value = value ? value : from_files(eval, parameter);
	value = value ? value : parameter->given;
	if (value)
		return value;
	struct js *fallback = js_get(parameter->declared, "defaultValue");
	return fallback ? arm_value(eval, fallback) : without_value(eval, parameter);
}

/* Evaluates in the scope of the names, once. NULL: it uses itself. */
static struct js *once(struct eval *eval, struct named_value *value,
		       struct js *(*make)(struct eval *eval, struct named_value *value))
{
	if (value->state == ARM_DONE)
		return value->value;
	if (value->state == ARM_BUSY)
		return NULL;
	struct eval inside = {eval->arm, eval->scope->names, NULL, NULL, value->declared};
	value->state = ARM_BUSY;
	value->value = make(&inside, value);
	value->state = ARM_DONE;
	return value->value;
}

static struct js *circle(struct eval *eval, const char *what, const char *name)
{
	if (eval->arm->import->diags.n_errors == 0)
		diag_error(&eval->arm->import->diags, js_place(eval->at), "look for values that use themselves",
			   "%s `%s` uses itself", what, name);
	return arm_unknown(eval, "it uses itself");
}

struct js *arm_parameter(struct eval *eval, const char *name)
{
	struct scope *scope = eval->scope->names;
	struct named_value *parameter = find_value(scope->parameters, scope->n_parameters, name);
	if (!parameter)
		return arm_unknown(eval, "the template has no parameter %s", name);
	struct js *value = once(eval, parameter, value_of_parameter);
	return value ? value : circle(eval, "parameter", name);
}

/* ---- variables ---- */

static struct js *copied_variable(struct eval *eval, struct named_value *variable)
{
	struct store *store = eval->arm->store;
	struct js *copy = variable->declared, *input = js_get(copy, "input"), *times = js_get(copy, "count");
	struct js *count = times ? arm_value(eval, times) : js_number(store, 0, copy),
		  *list = js_make(store, JS_ARRAY, copy);
	if (count->kind != JS_NUMBER)
		return js_unknown(store, count->why ? count->why : "its count is no number", copy);
	if (count->number < 0 || count->number > ARM_MAX_COPIES || !input) {
		diag_error(&eval->arm->import->diags, js_place(copy), "Azure takes 0 to 800 copies",
			   "a copy of %lld items", (long long)count->number);
		return list;
	}
	struct loop loop = {variable->name, 0, NULL, true};
	eval->loop = &loop;
	for (; loop.index < count->number; loop.index++)
		js_put(store, list, NULL, arm_value(eval, input));
	eval->loop = NULL;
	return list;
}

static struct js *value_of_variable(struct eval *eval, struct named_value *variable)
{
	return variable->copied ? copied_variable(eval, variable) : arm_value(eval, variable->declared);
}

struct js *arm_variable(struct eval *eval, const char *name)
{
	struct scope *scope = eval->scope->names;
	struct named_value *variable = find_value(scope->variables, scope->n_variables, name);
	if (!variable)
		return arm_unknown(eval, "the template has no variable %s", name);
	struct js *value = once(eval, variable, value_of_variable);
	return value ? value : circle(eval, "variable", name);
}

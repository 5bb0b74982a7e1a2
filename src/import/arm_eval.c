/* DOC: evaluating values of templates. Nothing is evaluated before it is asked for, and parameters and variables once.
 * An unknown argument makes an unknown result, but for functions that know better; a text that stands in for an unknown
 * one goes through functions like any text, and what comes out is a stand-in again. */
#include "import/arm.h"
#include <string.h>

bool arm_enter(struct arm *arm, const struct js *at)
{
	if (arm->depth >= ARM_MAX_DEPTH) {
		if (!arm->store->exhausted && arm->import->diags.n_errors == 0)
			diag_error(&arm->import->diags, js_place(at), "look for values that use themselves",
				   "the evaluation is more than %u deep", ARM_MAX_DEPTH);
		return false;
	}
	arm->depth++;
	return store_step(arm->store) || (arm->depth--, false);
}

void arm_leave(struct arm *arm)
{
	arm->depth--;
}

struct js *arm_unknown(struct eval *eval, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *why = arena_vprintf(eval->arm->import->arena, format, args);
	va_end(args);
	eval->arm->store->failed = eval->arm->store->failed || !why;
	return js_unknown(eval->arm->store, why ? why : "", eval->at);
}

/* ---- calls ---- */

static const struct arm_function *find_function(const char *name)
{
	static const struct arm_function *(*const tables[])(size_t *) = {arm_functions_text,  arm_functions_value,
									 arm_functions_list,  arm_functions_encode,
									 arm_functions_azure, arm_functions_address};
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		size_t n;
		const struct arm_function *table = tables[i](&n);
		for (size_t k = 0; k < n; k++)
			if (text_same(table[k].name, name))
				return &table[k];
	}
	return NULL;
}

/* list*, whatever its end: secrets and states of a service. */
static bool is_list_function(const char *name)
{
	return text_begins(name, "list") && name[4] >= 'A' && name[4] <= 'Z';
}

static struct js *follow_unknown(struct eval *eval, const struct arm_function *function, const struct call *call)
{
	const char *why = NULL;
	for (size_t i = 0; i < call->n; i++) {
		if (call->args[i]->kind == JS_UNKNOWN)
			return js_unknown(eval->arm->store, call->args[i]->why, eval->at);
		why = call->args[i]->kind == JS_STRING && call->args[i]->why ? call->args[i]->why : why;
	}
	struct js *result = function->call(eval, call);
	if (!why || result->kind == JS_UNKNOWN)
		return result;
	if (result->kind == JS_BOOL || result->kind == JS_NUMBER)
		return js_unknown(eval->arm->store, why, eval->at);
	if (result->kind == JS_STRING && !result->why) {
		result = result->parent ? js_copy(eval->arm->store, result) : result;
		result->why = why;
	}
	return result;
}

/* A function that the template defines: its parameters alone hold in it. */
static struct js *call_own(struct eval *eval, const struct expression *expression)
{
	const char *dot = strchr(expression->text, '.');
	struct store *store = eval->arm->store;
	struct js *spaces = js_get(eval->scope->names->template, "functions"), *found = NULL;
	each_item(space, spaces)
	{
		const char *name = js_string(js_get(space, "namespace"));
		if (name && strlen(name) == (size_t)(dot - expression->text) && text_begins(expression->text, name))
			found = js_get(js_get(space, "members"), dot + 1);
	}
	struct js *output = js_at(found, "output.value"), *parameters = js_get(found, "parameters");
	if (!output)
		return arm_unknown(eval, "the function %s is not defined", expression->text);
	struct scope *scope = store_array(store, 1, sizeof *scope);
	struct named_value *values = store_array(store, expression->n + 1, sizeof *values);
	if (!scope || !values)
		return arm_empty(eval, JS_NULL);
	*scope = *eval->scope->names;
	scope->names = scope;
	scope->parameters = values;
	scope->n_parameters = 0;
	for (size_t i = 0; i < expression->n; i++)
		values[scope->n_parameters++] =
			(struct named_value){.name = js_string(js_get(js_nth(parameters, i), "name")),
					     .value = arm_expression(eval, expression->args[i]),
					     .state = ARM_DONE};
	struct eval inside = {eval->arm, scope, NULL, NULL, eval->at};
	return arm_value(&inside, output);
}

static struct js *call_function(struct eval *eval, const struct expression *expression)
{
	struct store *store = eval->arm->store;
	const struct arm_function *function = find_function(expression->text);
	struct js **args = store_array(store, expression->n, sizeof *args);
	struct call call = {expression, args, expression->n};
	if (!args)
		return arm_empty(eval, JS_NULL);
	if (strchr(expression->text, '.'))
		return call_own(eval, expression);
	if (!function && is_list_function(expression->text))
		return arm_unknown(eval, "%s asks the service", expression->text);
	if (!function)
		return arm_unknown(eval, "the function %s is not known here", expression->text);
	if (expression->n < function->least || expression->n > function->most) {
		diag_error(&eval->arm->import->diags, js_place(eval->at), NULL,
			   "%s takes %zu to %zu arguments and has %zu", function->name, function->least, function->most,
			   expression->n);
		return arm_unknown(eval, "%s has a wrong number of arguments", function->name);
	}
	if (function->lazy)
		return function->call(eval, &call);
	for (size_t i = 0; i < expression->n; i++)
		args[i] = arm_expression(eval, expression->args[i]);
	return function->takes_unknown ? function->call(eval, &call) : follow_unknown(eval, function, &call);
}

/* ---- members and items ---- */

static struct js *allotted_address(struct eval *eval, const struct js *object)
{
	return js_stand_in(eval->arm->store, store_printf(eval->arm->store, JS_ADDRESS_OF "%s", object->text),
			   object->why, eval->at);
}

/* A list of one. */
static struct js *open_list(struct eval *eval, struct js *item, const struct js *object)
{
	struct js *list = arm_empty(eval, JS_ARRAY);
	js_put(eval->arm->store, list, NULL, item);
	list->why = object->why;
	list->text = object->text;
	return list;
}

/* What an object of Azure's has once it is deployed, beside what the template gives it. */
static struct js *member_of_open(struct eval *eval, const struct js *object, const char *name)
{
	if (*object->text && (text_same(name, "privateIPAddress") || text_same(name, "ipAddress")))
		return allotted_address(eval, object);
	if (*object->text && text_same(name, "ipAddresses"))
		return open_list(eval, allotted_address(eval, object), object);
	if (*object->text && (text_same(name, "customDnsConfigs") || text_same(name, "ipConfigurations"))) {
		struct js *one = arm_empty(eval, JS_OBJECT);
		one->why = object->why;
		one->text = object->text;
		return open_list(eval, one, object);
	}
	return js_unknown(eval->arm->store, object->why, eval->at);
}

static struct js *open_as(struct js *found, const struct js *object)
{
	if (object->why && !found->why && (found->kind == JS_OBJECT || found->kind == JS_ARRAY)) {
		found->why = object->why;
		found->text = object->text;
	}
	return found;
}

static struct js *member(struct eval *eval, struct js *object, const char *name, bool safe)
{
	if (object->kind == JS_UNKNOWN || (object->kind == JS_STRING && object->why))
		return js_unknown(eval->arm->store, object->why, eval->at);
	struct js *found = js_get(object, name);
	if (found)
		return open_as(found, object);
	if (object->kind == JS_OBJECT && object->why)
		return member_of_open(eval, object, name);
	if (object->kind == JS_NULL || safe)
		return arm_empty(eval, JS_NULL);
	return arm_unknown(eval, "there is no member `%s`", name);
}

static struct js *item(struct eval *eval, struct js *of, struct js *index, bool safe)
{
	if (of->kind == JS_UNKNOWN || (of->kind == JS_STRING && of->why))
		return js_unknown(eval->arm->store, of->why, eval->at);
	if (js_is_unknown(index))
		return js_unknown(eval->arm->store, index->why, eval->at);
	if (of->kind == JS_OBJECT)
		return member(eval, of, index->text, safe);
	struct js *found = index->kind == JS_NUMBER && index->number >= 0 ? js_nth(of, (size_t)index->number) : NULL;
	if (found)
		return open_as(found, of);
	if (of->kind == JS_ARRAY && of->why)
		return js_unknown(eval->arm->store, of->why, eval->at);
	if (safe)
		return arm_empty(eval, JS_NULL);
	return arm_unknown(eval, "there is no item %s", index->text);
}

static struct js *evaluate(struct eval *eval, const struct expression *expression)
{
	struct store *store = eval->arm->store;
	switch (expression->kind) {
	case EXPRESSION_TEXT:
		return js_text(store, expression->text, eval->at);
	case EXPRESSION_NUMBER:
		return js_number(store, expression->number, eval->at);
	case EXPRESSION_CALL:
		return call_function(eval, expression);
	case EXPRESSION_MEMBER:
		return member(eval, arm_expression(eval, expression->args[0]), expression->text, expression->safe);
	case EXPRESSION_INDEX:
		return item(eval, arm_expression(eval, expression->args[0]), arm_expression(eval, expression->args[1]),
			    expression->safe);
	}
	return arm_empty(eval, JS_NULL);
}

struct js *arm_expression(struct eval *eval, const struct expression *expression)
{
	if (!arm_enter(eval->arm, eval->at))
		return arm_unknown(eval, "the evaluation is too deep");
	struct js *value = evaluate(eval, expression);
	arm_leave(eval->arm);
	return value;
}

/* ---- values ---- */

static struct js *text_value(struct eval *eval, struct js *node)
{
	struct store *store = eval->arm->store;
	const struct js *at = eval->at;
	if (node->why)
		return node;
	if (!arm_is_expression(node->text))
		return js_text(store, node->text[0] == '[' && node->text[1] == '[' ? node->text + 1 : node->text, node);
	eval->at = node;
	struct expression *expression = arm_parse(eval->arm->import, node);
	struct js *value = expression ? arm_expression(eval, expression) : arm_unknown(eval, "the expression is wrong");
	eval->at = at;
	/* What comes of the expression stands where the expression does. */
	if (value->parent ||
	    (value->origin != js_origin(node) && value->kind != JS_OBJECT && value->kind != JS_ARRAY)) {
		value = js_copy(store, value);
		value->origin = js_origin(node);
		value->file = node->file;
		value->line = node->line;
		value->column = node->column;
	}
	return value;
}

/* copy: [{name, count, input}] within an object: each makes a member that is a list. */
static void copy_members(struct eval *eval, struct js *object, struct js *copies)
{
	each_item(copy, copies)
	{
		struct js *count = arm_value(eval, js_get(copy, "count") ? js_get(copy, "count") : copy),
			  *input = js_get(copy, "input");
		const char *name = js_string(js_get(copy, "name"));
		if (!name || !input)
			continue;
		if (count->kind != JS_NUMBER) {
			js_put(eval->arm->store, object, name,
			       arm_unknown(eval, "how many items `%s` has is not known", name));
			continue;
		}
		if (count->number < 0 || count->number > ARM_MAX_COPIES) {
			diag_error(&eval->arm->import->diags, js_place(copy), "Azure takes 0 to 800 copies",
				   "a copy of %lld items", (long long)count->number);
			return;
		}
		struct js *list = js_make(eval->arm->store, JS_ARRAY, copy);
		struct loop loop = {name, 0, eval->loop, true};
		struct eval inside = *eval;
		inside.loop = &loop;
		for (; loop.index < count->number; loop.index++)
			js_put(eval->arm->store, list, NULL, arm_value(&inside, input));
		js_put(eval->arm->store, object, name, list);
	}
}

static struct js *object_value(struct eval *eval, struct js *node)
{
	struct store *store = eval->arm->store;
	struct js *object = js_make(store, JS_OBJECT, node);
	for (struct js *child = node->first; child && !store->exhausted && !store->failed; child = child->next) {
		const char *key = child->key;
		if (text_same(key, "copy") && child->kind == JS_ARRAY) {
			copy_members(eval, object, child);
			continue;
		}
		if (arm_is_expression(key)) {
			struct js name = *child;
			name.kind = JS_STRING;
			name.text = key;
			name.why = NULL;
			struct js *value = arm_value(eval, &name);
			key = js_string(value) ? js_string(value) : "unknown";
		}
		js_put(store, object, key, arm_value(eval, child));
	}
	return object;
}

static struct js *any_value(struct eval *eval, struct js *node)
{
	struct store *store = eval->arm->store;
	switch (node->kind) {
	case JS_STRING:
		return text_value(eval, node);
	case JS_OBJECT:
		return object_value(eval, node);
	case JS_ARRAY:
		break;
	case JS_NULL:
	case JS_BOOL:
	case JS_NUMBER:
	case JS_UNKNOWN:
		return js_copy(store, node);
	}
	struct js *array = js_make(store, JS_ARRAY, node);
	for (struct js *child = node->first; child && !store->exhausted && !store->failed; child = child->next)
		js_put(store, array, NULL, arm_value(eval, child));
	return array;
}

struct js *arm_value(struct eval *eval, struct js *node)
{
	if (!arm_enter(eval->arm, node))
		return arm_unknown(eval, "the evaluation is too deep");
	struct js *value = any_value(eval, node);
	arm_leave(eval->arm);
	return value;
}

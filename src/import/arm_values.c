/* Functions of templates about truths and numbers, choices, parameters, variables, copies and lambdas. */
#include "import/arm.h"
#include <stdlib.h>
#include <string.h>

static struct js *truth(struct eval *eval, bool value)
{
	return js_bool(eval->arm->store, value, eval->at);
}

static struct js *number(struct eval *eval, int64_t value)
{
	return js_number(eval->arm->store, value, eval->at);
}

/* ---- choices ---- */

static struct js *fn_if(struct eval *eval, const struct call *call)
{
	struct js *condition = arm_expression(eval, call->expression->args[0]);
	if (!js_is_unknown(condition))
		return arm_expression(eval, call->expression->args[js_is_true(condition) ? 1 : 2]);
	struct js *one = arm_expression(eval, call->expression->args[1]),
		  *other = arm_expression(eval, call->expression->args[2]);
	if (!js_is_unknown(one) && !js_is_unknown(other) && js_equal(one, other))
		return one;
	return js_unknown(eval->arm->store, condition->why, eval->at);
}

static struct js *all_or_any(struct eval *eval, const struct call *call, bool decides)
{
	struct js *unknown = NULL;
	for (size_t i = 0; i < call->n; i++) {
		struct js *value = arm_expression(eval, call->expression->args[i]);
		if (js_is_unknown(value))
			unknown = value;
		else if (js_is_true(value) == decides)
			return truth(eval, decides);
	}
	return unknown ? js_unknown(eval->arm->store, unknown->why, eval->at) : truth(eval, !decides);
}

static struct js *fn_and(struct eval *eval, const struct call *call)
{
	return all_or_any(eval, call, false);
}

static struct js *fn_or(struct eval *eval, const struct call *call)
{
	return all_or_any(eval, call, true);
}

static struct js *fn_not(struct eval *eval, const struct call *call)
{
	return truth(eval, !js_is_true(call->args[0]));
}

static struct js *fn_coalesce(struct eval *eval, const struct call *call)
{
	struct js *value = arm_empty(eval, JS_NULL);
	for (size_t i = 0; i < call->n && value->kind == JS_NULL; i++)
		value = arm_expression(eval, call->expression->args[i]);
	return value;
}

/* Texts are compared letter by letter, numbers by value. */
static struct js *fn_equals(struct eval *eval, const struct call *call)
{
	const struct js *a = call->args[0], *b = call->args[1];
	if (a->kind == JS_NUMBER && b->kind == JS_NUMBER)
		return truth(eval, a->number == b->number);
	return truth(eval, js_equal(a, b));
}

static int compare(const struct call *call)
{
	const struct js *a = call->args[0], *b = call->args[1];
	if (a->kind == JS_NUMBER && b->kind == JS_NUMBER)
		return a->number < b->number ? -1 : a->number > b->number;
	return strcmp(arm_text(call, 0), arm_text(call, 1));
}

static struct js *fn_less(struct eval *eval, const struct call *call)
{
	return truth(eval, compare(call) < 0);
}

static struct js *fn_less_or_equals(struct eval *eval, const struct call *call)
{
	return truth(eval, compare(call) <= 0);
}

static struct js *fn_greater(struct eval *eval, const struct call *call)
{
	return truth(eval, compare(call) > 0);
}

static struct js *fn_greater_or_equals(struct eval *eval, const struct call *call)
{
	return truth(eval, compare(call) >= 0);
}

static struct js *fn_true(struct eval *eval, const struct call *call)
{
	(void)call;
	return truth(eval, true);
}

static struct js *fn_false(struct eval *eval, const struct call *call)
{
	(void)call;
	return truth(eval, false);
}

static struct js *fn_null(struct eval *eval, const struct call *call)
{
	(void)call;
	return arm_empty(eval, JS_NULL);
}

static struct js *fn_bool(struct eval *eval, const struct call *call)
{
	return truth(eval, call->args[0]->kind == JS_NUMBER ? call->args[0]->number != 0 : js_is_true(call->args[0]));
}

/* ---- numbers ---- */

/* What does not fit into 64 bits is no number of a network. */
static struct js *calculate(struct eval *eval, const struct call *call, char operation)
{
	int64_t a = arm_number(call, 0), b = arm_number(call, 1), result = 0;
	bool wrong = false;
	switch (operation) {
	case '+':
		wrong = __builtin_add_overflow(a, b, &result);
		break;
	case '-':
		wrong = __builtin_sub_overflow(a, b, &result);
		break;
	case '*':
		wrong = __builtin_mul_overflow(a, b, &result);
		break;
	default:
		wrong = b == 0 || (b == -1 && a == INT64_MIN);
		if (!wrong)
			result = operation == '/' ? a / b : a % b;
		break;
	}
	return wrong ? arm_unknown(eval, "%s: the result is no number", call->expression->text) : number(eval, result);
}

static struct js *fn_add(struct eval *eval, const struct call *call)
{
	return calculate(eval, call, '+');
}

static struct js *fn_sub(struct eval *eval, const struct call *call)
{
	return calculate(eval, call, '-');
}

static struct js *fn_mul(struct eval *eval, const struct call *call)
{
	return calculate(eval, call, '*');
}

static struct js *fn_div(struct eval *eval, const struct call *call)
{
	return calculate(eval, call, '/');
}

static struct js *fn_mod(struct eval *eval, const struct call *call)
{
	return calculate(eval, call, '%');
}

static struct js *fn_int(struct eval *eval, const struct call *call)
{
	return number(eval, arm_number(call, 0));
}

static struct js *extreme(struct eval *eval, const struct call *call, bool most)
{
	struct js *best = NULL;
	for (size_t i = 0; i < call->n; i++)
		each_item(item, call->args[i])
		{
			if (item->kind == JS_NUMBER &&
			    (!best || (most ? item->number > best->number : item->number < best->number)))
				best = item;
			if (call->args[i]->kind != JS_ARRAY)
				break;
		}
	return best ? number(eval, best->number) : arm_unknown(eval, "%s of nothing", call->expression->text);
}

static struct js *fn_min(struct eval *eval, const struct call *call)
{
	return extreme(eval, call, false);
}

static struct js *fn_max(struct eval *eval, const struct call *call)
{
	return extreme(eval, call, true);
}

/* ---- parameters, variables, copies ---- */

static const char *name_argument(struct eval *eval, const struct call *call)
{
	struct js *name = arm_expression(eval, call->expression->args[0]);
	return js_is_unknown(name) ? NULL : js_string(name);
}

static struct js *fn_parameters(struct eval *eval, const struct call *call)
{
	const char *name = name_argument(eval, call);
	return name ? arm_parameter(eval, name) : arm_unknown(eval, "a parameter whose name is not known");
}

static struct js *fn_variables(struct eval *eval, const struct call *call)
{
	const char *name = name_argument(eval, call);
	return name ? arm_variable(eval, name) : arm_unknown(eval, "a variable whose name is not known");
}

/* Without a name the copy of the resource is meant, also within one of its properties'. */
static const struct loop *nameless_loop(const struct loop *loop)
{
	const struct loop *at = loop;
	while (at && at->of_property)
		at = at->outer;
	return at ? at : loop;
}

static struct js *fn_copy_index(struct eval *eval, const struct call *call)
{
	const struct loop *loop = eval->loop;
	bool named = call->n > 0 && call->args[0]->kind == JS_STRING;
	int64_t offset = named ? (call->n > 1 ? arm_number(call, 1) : 0) : call->n > 0 ? arm_number(call, 0) : 0;
	loop = named ? loop : nameless_loop(loop);
	while (loop && named && !text_same(loop->name, arm_text(call, 0)))
		loop = loop->outer;
	return loop ? number(eval, loop->index + offset) : arm_unknown(eval, "copyIndex outside of a copy");
}

/* ---- lambdas ---- */

static struct js *fn_lambda_variables(struct eval *eval, const struct call *call)
{
	for (const struct lambda_value *at = eval->lambdas; at; at = at->outer)
		if (at->name && text_same(at->name, arm_text(call, 0)))
			return at->value;
	return arm_unknown(eval, "there is no lambda variable %s", arm_text(call, 0));
}

/* lambda('x', 'i', body) of this argument, with these values; NULL where it is none. */
static struct js *apply(struct eval *eval, const struct expression *lambda, struct js *first, struct js *second,
			struct js *third)
{
	struct lambda_value values[3];
	struct eval inside = *eval;
	struct js *given[] = {first, second, third};
	if (lambda->kind != EXPRESSION_CALL || !text_same(lambda->text, "lambda") || lambda->n < 1)
		return arm_unknown(eval, "a lambda is due");
	for (size_t i = 0; i + 1 < lambda->n && i < 3; i++) {
		values[i] = (struct lambda_value){lambda->args[i]->text, given[i] ? given[i] : arm_empty(eval, JS_NULL),
						  inside.lambdas};
		inside.lambdas = &values[i];
	}
	return arm_expression(&inside, lambda->args[lambda->n - 1]);
}

static struct js *fn_map(struct eval *eval, const struct call *call)
{
	struct js *list = arm_expression(eval, call->expression->args[0]), *result = arm_empty(eval, JS_ARRAY);
	int64_t index = 0;
	if (list->kind != JS_ARRAY)
		return list;
	for (struct js *item = list->first; item && store_step(eval->arm->store); item = item->next)
		js_put(eval->arm->store, result, NULL,
		       apply(eval, call->expression->args[1], item, number(eval, index++), NULL));
	return result;
}

static struct js *fn_filter(struct eval *eval, const struct call *call)
{
	struct js *list = arm_expression(eval, call->expression->args[0]), *result = arm_empty(eval, JS_ARRAY);
	int64_t index = 0;
	if (list->kind != JS_ARRAY)
		return list;
	for (struct js *item = list->first; item && store_step(eval->arm->store); item = item->next) {
		struct js *wanted = apply(eval, call->expression->args[1], item, number(eval, index++), NULL);
		if (js_is_unknown(wanted))
			return wanted;
		if (js_is_true(wanted))
			js_put(eval->arm->store, result, NULL, item);
	}
	return result;
}

static struct js *fn_reduce(struct eval *eval, const struct call *call)
{
	struct js *list = arm_expression(eval, call->expression->args[0]),
		  *result = arm_expression(eval, call->expression->args[1]);
	int64_t index = 0;
	if (list->kind != JS_ARRAY)
		return list;
	for (struct js *item = list->first; item && store_step(eval->arm->store); item = item->next)
		result = apply(eval, call->expression->args[2], result, item, number(eval, index++));
	return result;
}

static struct js *fn_to_object(struct eval *eval, const struct call *call)
{
	struct js *list = arm_expression(eval, call->expression->args[0]), *result = arm_empty(eval, JS_OBJECT);
	if (list->kind != JS_ARRAY)
		return list;
	for (struct js *item = list->first; item && store_step(eval->arm->store); item = item->next) {
		const char *key = js_string(apply(eval, call->expression->args[1], item, NULL, NULL));
		if (key)
			js_put(eval->arm->store, result, key,
			       call->n > 2 ? apply(eval, call->expression->args[2], item, NULL, NULL) : item);
	}
	return result;
}

/* Insertion: lists that templates sort are short. */
static struct js *fn_sort(struct eval *eval, const struct call *call)
{
	struct js *list = arm_expression(eval, call->expression->args[0]), *result = arm_empty(eval, JS_ARRAY);
	struct js **items = store_array(eval->arm->store, list->n, sizeof *items);
	size_t n = 0;
	if (list->kind != JS_ARRAY || !items)
		return list;
	for (struct js *item = list->first; item && store_step(eval->arm->store); item = item->next) {
		size_t k = n++;
		for (; k > 0 && js_is_true(apply(eval, call->expression->args[1], item, items[k - 1], NULL)); k--)
			items[k] = items[k - 1];
		items[k] = item;
	}
	for (size_t i = 0; i < n; i++)
		js_put(eval->arm->store, result, NULL, items[i]);
	return result;
}

static struct js *fn_map_values(struct eval *eval, const struct call *call)
{
	struct js *object = arm_expression(eval, call->expression->args[0]), *result = arm_empty(eval, JS_OBJECT);
	if (object->kind != JS_OBJECT)
		return object;
	for (struct js *at = object->first; at && store_step(eval->arm->store); at = at->next)
		js_put(eval->arm->store, result, at->key, apply(eval, call->expression->args[1], at, NULL, NULL));
	return result;
}

/* {KEY: [items of this key]}; a third lambda says what of each item. */
static struct js *fn_group_by(struct eval *eval, const struct call *call)
{
	struct js *list = arm_expression(eval, call->expression->args[0]), *result = arm_empty(eval, JS_OBJECT);
	if (list->kind != JS_ARRAY)
		return list;
	for (struct js *item = list->first; item && store_step(eval->arm->store); item = item->next) {
		const char *key = js_string(apply(eval, call->expression->args[1], item, NULL, NULL));
		struct js *group = key ? js_get(result, key) : NULL;
		if (!key)
			return arm_unknown(eval, "groupBy: a key is no text");
		if (!group) {
			js_put(eval->arm->store, result, key, arm_empty(eval, JS_ARRAY));
			group = js_get(result, key);
		}
		js_put(eval->arm->store, group, NULL,
		       call->n > 2 ? apply(eval, call->expression->args[2], item, NULL, NULL) : item);
	}
	return result;
}

const struct arm_function *arm_functions_value(size_t *ret_n)
{
	static const struct arm_function table[] = {
		{"if", 3, 3, fn_if, true, false},
		{"and", 1, 1000, fn_and, true, false},
		{"or", 1, 1000, fn_or, true, false},
		{"not", 1, 1, fn_not, false, false},
		{"coalesce", 1, 1000, fn_coalesce, true, false},
		{"equals", 2, 2, fn_equals, false, false},
		{"less", 2, 2, fn_less, false, false},
		{"lessOrEquals", 2, 2, fn_less_or_equals, false, false},
		{"greater", 2, 2, fn_greater, false, false},
		{"greaterOrEquals", 2, 2, fn_greater_or_equals, false, false},
		{"true", 0, 0, fn_true, false, false},
		{"false", 0, 0, fn_false, false, false},
		{"null", 0, 0, fn_null, false, false},
		{"bool", 1, 1, fn_bool, false, false},
		{"add", 2, 2, fn_add, false, false},
		{"sub", 2, 2, fn_sub, false, false},
		{"mul", 2, 2, fn_mul, false, false},
		{"div", 2, 2, fn_div, false, false},
		{"mod", 2, 2, fn_mod, false, false},
		{"int", 1, 1, fn_int, false, false},
		{"float", 1, 1, fn_int, false, false},
		{"min", 1, 1000, fn_min, false, false},
		{"max", 1, 1000, fn_max, false, false},
		{"parameters", 1, 1, fn_parameters, true, false},
		{"variables", 1, 1, fn_variables, true, false},
		{"copyIndex", 0, 2, fn_copy_index, false, false},
		{"lambdaVariables", 1, 1, fn_lambda_variables, false, true},
		{"map", 2, 2, fn_map, true, false},
		{"filter", 2, 2, fn_filter, true, false},
		{"reduce", 3, 3, fn_reduce, true, false},
		{"sort", 2, 2, fn_sort, true, false},
		{"toObject", 2, 3, fn_to_object, true, false},
		{"mapValues", 2, 2, fn_map_values, true, false},
		{"groupBy", 2, 3, fn_group_by, true, false},
	};
	*ret_n = sizeof table / sizeof *table;
	return table;
}

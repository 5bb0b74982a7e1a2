/* What a key's line looks like: the hint where a key is missing. */
#include "scenario/decode.h"
#include <string.h>

/* "deny" of "allow|deny": any of its words would do. */
static const char *first_word(struct decoder *d, const char *words)
{
	return arena_strndup(d->arena, words, strcspn(words, "|"));
}

static const char *sample_value(struct decoder *d, const struct key *key)
{
	static const char *const samples[KEY_TYPE_COUNT] = {
		[KEY_TEXT] = "TEXT",
		[KEY_TEXTS] = "TEXT",
		[KEY_NAME] = "NAME",
		[KEY_BOOL] = "true",
		[KEY_DURATION] = "10s",
		[KEY_HOLD] = "10s",
		[KEY_SIZE] = "1500",
		[KEY_RATE] = "1Gbit",
		[KEY_FRACTION] = "0.01",
		[KEY_ADDRESS] = "10.0.0.4",
		[KEY_ADDRESSES] = "203.0.113.4",
		[KEY_PREFIX] = "10.0.0.0/24",
		[KEY_PREFIXES] = "10.0.0.0/24",
		[KEY_WHERE] = "10.0.0.0/24",
		[KEY_PARTIES] = "10.0.0.0/24",
		[KEY_TAGS] = "{AzureCloud: 10.0.0.0/24}",
		[KEY_NAMES] = "NAME",
		[KEY_PEERS] = "VNET",
		[KEY_PORTS] = "443",
		[KEY_PORT_RANGE] = "1024-65535",
		[KEY_LISTEN] = "443/tcp",
		[KEY_REF] = "NAME",
		[KEY_NEXT_HOP] = "internet",
		[KEY_SERVICE] = "443/tcp",
		[KEY_PORTS_EACH] = "1024",
		[KEY_MACHINE_PORT] = "HOST:22",
		[KEY_PUBLIC_IP] = "203.0.113.4",
		[KEY_POOLS] = "{NAME: [HOST]}",
		[KEY_REFS] = "NAME",
		[KEY_SUBNET] = "VNET/SUBNET",
		[KEY_FROM] = "HOST, ASE/APP or ASE/worker-N",
		[KEY_TO] = "HOST:443/tcp, ASE/APP:443/tcp, IP:443/tcp or HOST/icmp",
		[KEY_FLOWS] = "FLOW",
		[KEY_WORKER] = "worker-0",
		[KEY_WORKERS] = "worker-0",
		[KEY_POINT] = "HOST",
		[KEY_POINTS] = "HOST",
		[KEY_COUNT] = "1",
		[KEY_SECTION] = "{...}",
		[KEY_NAMED] = "{NAME: {...}}",
		[KEY_LIST] = "[{...}]",
		[KEY_ROUTES] = "NAME",
		[KEY_FILES] = "FILE",
	};
	if (key->type == KEY_INT)
		return arena_printf(d->arena, "%lld", (long long)(key->min > 0 ? key->min : 1));
	if ((key->type == KEY_ENUM || key->type == KEY_WORDS) && key->values)
		return first_word(d, key->values);
	return samples[key->type];
}

const char *key_sample(struct decoder *d, const struct key *key)
{
	const char *value = sample_value(d, key);
	return value ? arena_printf(d->arena, "%s: %s", key->name, value) : NULL;
}

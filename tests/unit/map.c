#include "lib/base/map.h"
#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "tests/unit/tap.h"

static void test_map(void)
{
	struct map *map = map_create();
	int values[3] = {0, 1, 2};
	const char *key = NULL;
	void *value = NULL;
	size_t at = 0;

	tap_ok(!map_get(map, "a") && !map_remove(map, "a") && !map_next(map, &at, &key, &value),
	       "an empty map holds nothing");
	tap_ok(!map_set(map, "b", &values[0]), "a new key had no value");
	tap_ok(map_set(map, "b", &values[1]) == &values[0], "set returns the value before");
	map_set(map, "a", &values[2]);
	map_set(map, "", &values[0]);
	tap_ok(map_get(map, "b") == &values[1] && map_get(map, "a") == &values[2] &&
		   map_get(map, "") == &values[0] && !map_get(map, "ab"),
	       "get finds each");
	tap_int((long long)map_count(map), 3, "count counts keys");
	map_set_n(map, "a\0b", 3, &values[1]);
	tap_ok(map_get_n(map, "a\0b", 3) == &values[1] && map_get(map, "a") == &values[2],
	       "a key may hold NUL");
	tap_ok(map_remove(map, "a") == &values[2] && !map_get(map, "a") && map_count(map) == 3,
	       "remove returns the value, and the key is gone");
	at = 0;
	tap_ok(map_next(map, &at, &key, &value) && !strcmp(key, "b") && value == &values[1],
	       "iteration begins with the first key set");
	tap_ok(map_next(map, &at, &key, NULL) && !strcmp(key, ""), "skips the removed one");
	tap_ok(map_next(map, &at, NULL, &value) && value == &values[1], "goes on in order");
	tap_ok(!map_next(map, &at, &key, &value), "and ends");
	tap_ok(map_mark(map, "x") && !map_mark(map, "x"), "mark is true the first time only");
	map_destroy(map);
	map_destroy(NULL);
}

/* Sets, gets and removes 1,000,000 keys. */
static void test_many(void)
{
	struct map *map = map_create();
	int64_t begin = clock_mono_ms();
	bool right = true;
	const char *key;
	char name[32];
	size_t at = 0;

	for (int i = 0; i < 1000000; i++) {
		snprintf(name, sizeof(name), "web-%07d", i);
		right = right && map_mark(map, name);
	}
	tap_ok(right && map_count(map) == 1000000, "a million keys are all new");
	for (int i = 0; i < 1000000; i += 2) {
		snprintf(name, sizeof(name), "web-%07d", i);
		right = right && map_remove(map, name);
	}
	for (int i = 0; i < 1000000; i++) {
		snprintf(name, sizeof(name), "web-%07d", i);
		right = right && !map_get(map, name) == !(i % 2);
	}
	tap_ok(right && map_count(map) == 500000, "every other one is removed");
	for (int i = 1; right && i < 1000000; i += 2) {
		snprintf(name, sizeof(name), "web-%07d", i);
		right = map_next(map, &at, &key, NULL) && !strcmp(key, name);
	}
	tap_ok(right, "the others come in the order they were set");
	printf("#  %lld ms\n", (long long)(clock_mono_ms() - begin));
	map_destroy(map);
}

/* A map that only ever holds a few keys must not grow with what passes through it. */
static void test_churn(void)
{
	struct map *map = map_create();
	bool right = true;
	char name[32];

	for (int i = 0; i < 300000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		map_set(map, name, map);
		snprintf(name, sizeof(name), "%d", i - 3);
		right = right && (i < 3 || map_remove(map, name) == map);
	}
	tap_ok(right && map_count(map) == 3, "keys come and go");
	map_destroy(map);
}

/* The published vectors of SipHash-1-3: key 00..0f over 0 to 9 bytes 00 01 02 ... */
static void test_hash(void)
{
	static const uint64_t want[] = {0xabac0158050fc4dc, 0xc9f49bf37d57ca93, 0x82cb9b024dc7d44d,
					0x8bf80ab8e7ddf7fb, 0xcf75576088d38328, 0xdef9d52f49533b67,
					0xc50d2b50c59f22a7, 0xd3927d989bb11140, 0x369095118d299a8e,
					0x25a48eb36c063de4};
	const struct hash_seed seed = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	struct hash_seed one = hash_seed_draw();
	struct hash_seed other = hash_seed_draw();
	bool right = true;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		right = right && hash_bytes(&seed, "\0\1\2\3\4\5\6\7\10", i) == want[i];
	tap_ok(right, "SipHash-1-3 agrees with its published vectors");
	tap_ok(one.low != other.low && one.high != other.high, "each map draws its own seed");
}

int main(void)
{
	test_map();
	test_many();
	test_churn();
	test_hash();
	return tap_done();
}

#include "lib/room/points.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

/* Far more than there ever are. */
#define METRIC_MAX ((int64_t)1 << 32)

void points_merge(struct points *points, const struct point *point)
{
	size_t low = 0, high = points->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (points->at[middle].metric < point->metric)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < points->count && points->at[low].metric == point->metric) {
		struct point *at = &points->at[low];

		at->count++;
		at->mean += (point->mean - at->mean) / (double)at->count;
		at->low = point->low < at->low ? point->low : at->low;
		at->high = point->high > at->high ? point->high : at->high;
		return;
	}
	if (points->count == points->cap) {
		points->cap = points->cap ? points->cap * 2 : 32;
		points->at = mem_resize(points->at, points->cap, sizeof(*points->at));
	}
	memmove(points->at + low + 1, points->at + low,
		(points->count - low) * sizeof(*points->at));
	points->at[low] = *point;
	points->at[low].count = 1;
	points->count++;
}

static uint32_t float_bits(double value)
{
	float small = (float)value;
	uint32_t bits;

	memcpy(&bits, &small, sizeof(bits));
	return bits;
}

static double bits_float(uint32_t bits)
{
	float small;

	memcpy(&small, &bits, sizeof(small));
	return (double)small;
}

static void add_bytes(struct buf *packed, uint32_t value, size_t count)
{
	for (; count; count--) {
		buf_char(packed, (char)(value & 0xff));
		value >>= 8;
	}
}

/* The upper half of a float; away from zero when that is outwards. */
static uint32_t half(double value, bool outwards)
{
	uint32_t bits = float_bits(value);

	return (bits >> 16) + (outwards && (bits & 0xffff) && (bits >> 16 & 0x7fff) < 0x7f7f);
}

void points_pack(const struct points *points, struct buf *packed)
{
	int64_t last = 0;

	for (size_t i = 0; i < points->count; i++) {
		const struct point *point = &points->at[i];
		uint32_t mean = float_bits(point->mean);
		bool plain = float_bits(point->low) == mean && float_bits(point->high) == mean;
		uint64_t key = (uint64_t)(point->metric - last) << 1 | plain;

		last = point->metric;
		for (; key > 0x7f; key >>= 7)
			buf_char(packed, (char)((key & 0x7f) | 0x80));
		buf_char(packed, (char)key);
		add_bytes(packed, mean, 4);
		if (plain)
			continue;
		add_bytes(packed, half(point->low, point->low < 0), 2);
		add_bytes(packed, half(point->high, point->high > 0), 2);
	}
}

static uint32_t take_bytes(const unsigned char **at, size_t count)
{
	uint32_t value = 0;

	for (size_t i = 0; i < count; i++)
		value |= (uint32_t) * (*at)++ << (8 * i);
	return value;
}

void points_unpack(struct points *points, const void *packed, size_t size)
{
	const unsigned char *at = packed, *end = at + size;
	struct point point = {.metric = 0};

	while (at < end) {
		uint64_t key = 0;
		unsigned shift = 0;

		for (; at < end && *at & 0x80 && shift < 56; shift += 7)
			key |= (uint64_t)(*at++ & 0x7f) << shift;
		if (at == end)
			return;
		key |= (uint64_t)*at++ << shift;
		if (end - at < (key & 1 ? 4 : 8) || (int64_t)(key >> 1) > METRIC_MAX)
			return;
		point.metric += (int64_t)(key >> 1);
		if (point.metric > METRIC_MAX)
			return;
		point.low = point.mean = point.high = bits_float(take_bytes(&at, 4));
		if (!(key & 1)) {
			point.low = bits_float(take_bytes(&at, 2) << 16);
			point.high = bits_float(take_bytes(&at, 2) << 16);
		}
		points_merge(points, &point);
	}
}

void points_clear(struct points *points)
{
	points->count = 0;
}

void points_finish(struct points *points)
{
	free(points->at);
	memset(points, 0, sizeof(*points));
}

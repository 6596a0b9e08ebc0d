#include "lib/wire/gate.h"

#include "lib/base/map.h"
#include "lib/base/mem.h"

/* What a fresh sshd lets in at once, and what a busy one still does. */
#define ADDRESS_START 10
#define ADDRESS_MIN 2
#define ALL_MIN 8

/* One drop in five logins keeps a window as it is: an sshd at its limit is used well, and one that
 * drops everybody cannot close the window for all others. */
#define GROWTH 0.5
#define SHRINK 2.0

struct parked {
	struct parked *next;
	struct server server;
};

struct window {
	double width, min, max;
	size_t busy;
};

struct gate {
	struct gates *gates;
	struct window window;
	struct parked *first, **last;
	struct gate *next; /* with somebody parked */
};

struct gates {
	struct window all;
	struct map *known;
	struct gate *waiting; /* those with somebody parked */
	size_t parked;
};

static bool window_room(const struct window *window)
{
	return (double)window->busy + 1 <= window->width;
}

static void window_learn(struct window *window, enum gate_how how)
{
	if (how == GATE_SERVED)
		window->width += GROWTH;
	else if (how == GATE_DROPPED)
		window->width -= SHRINK;
	if (window->width < window->min)
		window->width = window->min;
	if (window->width > window->max)
		window->width = window->max;
}

struct gates *gates_create(long limit)
{
	struct gates *gates = mem_zero(1, sizeof(*gates));
	double max = (double)limit;

	gates->all = (struct window){max, max < ALL_MIN ? max : ALL_MIN, max, 0};
	gates->known = map_create();
	return gates;
}

void gates_destroy(struct gates *gates)
{
	struct server server;
	const char *way;
	void *gate;
	size_t at = 0;

	if (!gates)
		return;
	while (gates_unpark_any(gates, &server))
		server_finish(&server);
	while (map_next(gates->known, &at, &way, &gate))
		free(gate);
	map_destroy(gates->known);
	free(gates);
}

struct gate *gates_of(struct gates *gates, const char *way, bool jump_host)
{
	struct gate *gate = map_get(gates->known, way);
	double max = gates->all.max;
	double start = jump_host || max < ADDRESS_START ? max : ADDRESS_START;

	if (gate)
		return gate;
	gate = mem_zero(1, sizeof(*gate));
	gate->gates = gates;
	gate->window = (struct window){start, start < ADDRESS_MIN ? start : ADDRESS_MIN, max, 0};
	gate->last = &gate->first;
	map_set(gates->known, way, gate);
	return gate;
}

bool gates_room(const struct gates *gates)
{
	return window_room(&gates->all);
}

bool gate_room(const struct gate *gate)
{
	return window_room(&gate->gates->all) && window_room(&gate->window);
}

void gate_enter(struct gate *gate)
{
	gate->window.busy++;
	gate->gates->all.busy++;
}

void gate_leave(struct gate *gate, enum gate_how how)
{
	gate->window.busy--;
	gate->gates->all.busy--;
	window_learn(&gate->window, how);
	window_learn(&gate->gates->all, how);
}

void gate_park(struct gate *gate, struct server *server)
{
	struct gates *gates = gate->gates;
	struct parked *parked = mem_zero(1, sizeof(*parked));

	parked->server = *server;
	if (!gate->first) {
		gate->next = gates->waiting;
		gates->waiting = gate;
	}
	*gate->last = parked;
	gate->last = &parked->next;
	gates->parked++;
}

/* Takes the first server that is parked at *at; the gate leaves the list with its last one. */
static void gates_take(struct gates *gates, struct gate **at, struct server *server)
{
	struct gate *gate = *at;
	struct parked *parked = gate->first;

	*server = parked->server;
	gate->first = parked->next;
	if (!gate->first) {
		gate->last = &gate->first;
		*at = gate->next;
	}
	gates->parked--;
	free(parked);
}

bool gates_unpark(struct gates *gates, struct server *server, struct gate **gate)
{
	for (struct gate **at = &gates->waiting; *at; at = &(*at)->next) {
		if (!gate_room(*at))
			continue;
		*gate = *at;
		gates_take(gates, at, server);
		return true;
	}
	return false;
}

bool gates_unpark_any(struct gates *gates, struct server *server)
{
	if (!gates->waiting)
		return false;
	gates_take(gates, &gates->waiting, server);
	return true;
}

size_t gates_parked(const struct gates *gates)
{
	return gates->parked;
}

bool gates_ready(const struct gates *gates)
{
	for (const struct gate *gate = gates->waiting; gate; gate = gate->next)
		if (gate_room(gate))
			return true;
	return false;
}

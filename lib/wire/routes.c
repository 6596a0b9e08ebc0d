#include "lib/wire/routes.h"

#include "lib/base/map.h"
#include "lib/base/mem.h"

struct routes {
	uv_loop_t *loop;
	const struct home *home;
	struct map *ways; /* struct way by tunnel */
	routes_fn *changed;
	void *ctx;
};

struct way {
	struct routes *routes;
	char *tunnel;
	struct route *route;
	enum route_state state;
	char *reason;
	bool due; /* to be opened when it is wanted next */
};

struct routes *routes_create(uv_loop_t *loop, const struct home *home, routes_fn *changed,
			     void *ctx)
{
	struct routes *routes = mem_zero(1, sizeof(*routes));

	routes->loop = loop;
	routes->home = home;
	routes->ways = map_create();
	routes->changed = changed;
	routes->ctx = ctx;
	return routes;
}

static void way_told(void *ctx, enum route_state state, const char *reason, long users)
{
	struct way *way = ctx;

	(void)users;
	if (state == ROUTE_CONNECTING)
		return;
	way->state = state == ROUTE_UP ? ROUTE_UP : ROUTE_FAILED;
	free(way->reason);
	way->reason = mem_text(state == ROUTE_DOWN && !*reason ? "it was taken down" : reason);
	if (state != ROUTE_UP) {
		route_close(way->route);
		way->route = NULL;
	}
	way->routes->changed(way->routes->ctx, way->tunnel, way->state);
}

enum route_state routes_want(struct routes *routes, const char *tunnel, const char **reason)
{
	struct way *way = map_get(routes->ways, tunnel);

	if (!way) {
		way = mem_zero(1, sizeof(*way));
		way->routes = routes;
		way->tunnel = mem_text(tunnel);
		way->due = true;
		map_set(routes->ways, tunnel, way);
	}
	if (way->due) {
		way->due = false;
		way->state = ROUTE_CONNECTING;
		way->route =
		    route_open(routes->loop, routes->home, tunnel, ROUTE_USE, way_told, way);
	}
	if (reason)
		*reason = way->reason ? way->reason : "";
	return way->state;
}

void routes_again(struct routes *routes)
{
	struct way *way;
	const char *tunnel;
	size_t at = 0;

	while (map_next(routes->ways, &at, &tunnel, (void **)&way))
		way->due = way->due || way->state == ROUTE_FAILED;
}

void routes_close(struct routes *routes)
{
	struct way *way;
	const char *tunnel;
	size_t at = 0;

	while (map_next(routes->ways, &at, &tunnel, (void **)&way)) {
		route_close(way->route);
		way->route = NULL;
	}
}

void routes_destroy(struct routes *routes)
{
	struct way *way;
	const char *tunnel;
	size_t at = 0;

	if (!routes)
		return;
	while (map_next(routes->ways, &at, &tunnel, (void **)&way)) {
		free(way->tunnel);
		free(way->reason);
		free(way);
	}
	map_destroy(routes->ways);
	free(routes);
}

/*
 * What store*.c share: the connection and its prepared statements. Private to them; they alone know
 * that the store is SQLite.
 *
 * Statements are prepared once per text and kept until the store closes. One that is still being
 * stepped (a query inside another's walk) is not handed out twice: a second copy is made.
 */
#ifndef MROOM_ROOM_STORE_DB_H
#define MROOM_ROOM_STORE_DB_H

#include <sqlite3.h>

#include "lib/room/store.h"

struct store_statement {
	const char *sql; /* compared by address: a string literal or static array */
	sqlite3_stmt *at;
};

struct store {
	sqlite3 *db;
	char *path;
	char *user; /* who works with it, once somebody asked */
	struct store_statement *statements;
	size_t statement_count;
};

/* Fills err from what SQLite said last: status 6, path, reason, what to do. Returns -1. */
int store_fail(struct store *store, struct err *err);

/* A statement ready to be bound, or NULL. `sql` must live as long as the store. */
sqlite3_stmt *store_prepare(struct store *store, const char *sql, struct err *err);

/* Binds by position: 't' const char * (NULL is null), 'i' int64_t, 'b' const void *, size_t. The
 * bytes must live until store_reset. */
void store_bind(sqlite3_stmt *statement, const char *types, ...);

/* 1 a row, 0 the end, -1 an error. */
int store_step(struct store *store, sqlite3_stmt *statement, struct err *err);
/* The statement's end; NULL is allowed. */
void store_reset(sqlite3_stmt *statement);

/* A text of the row at hand, valid until the next step; NULL for null. */
char *store_column(sqlite3_stmt *statement, int column);

/* Prepares, binds and runs a statement that returns nothing. */
int store_exec(struct store *store, struct err *err, const char *sql, const char *types, ...);
/* The same for one that returns at most one integer: 1 and *value, 0 when there is no row, -1. */
int store_number(struct store *store, int64_t *value, struct err *err, const char *sql,
		 const char *types, ...);
/* The same for a text, which the caller frees: 1; 0 when there is no row, or a null in it; -1. */
int store_text(struct store *store, char **text, struct err *err, const char *sql,
	       const char *types, ...);
/* Appends the first column of every row. */
int store_texts(struct store *store, const char *sql, struct list *into, struct err *err);

/* Brings the schema up to STORE_SCHEMA (store_schema.c). A database that was in use before is copied
 * beside itself first, as mroom.db.schema-N. */
int store_migrate(struct store *store, const struct home *home, struct err *err);

/* Copies a database file to path, as store_backup does (store_backup.c). */
int store_copy(const char *database, const char *path, struct err *err);

#endif

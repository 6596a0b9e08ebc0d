/* Patterns of * and ? alone. */
#include "lib/base/glob.h"
#include "tests/unit/tap.h"

int main(void)
{
	tap_ok(glob_match("", "") && !glob_match("", "a") && !glob_match("a", ""), "empty matches empty");
	tap_ok(glob_match("*", "") && glob_match("***", "any"), "a star matches anything");
	tap_ok(glob_match("a*b*c", "a1b2b3c") && !glob_match("a*b*c", "a1b2b3"), "stars go back");
	tap_ok(glob_match("db-?", "db-1") && !glob_match("db-?", "db-12") && !glob_match("db-?", "db-"),
	       "a question mark is one byte");
	tap_ok(glob_match("[::1]:*", "[::1]:22") && !glob_match("[ab]", "a"), "brackets are themselves");
	tap_ok(!glob_match("A", "a"), "case counts");
	tap_ok(glob_match("*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), "and many stars are no trouble");
	tap_ok(glob_list_match("a,b*", "bc") && !glob_list_match("a,b*", "c"), "one of a list will do");
	tap_ok(!glob_list_match("*,!bad", "bad") && !glob_list_match("!bad,*", "bad"), "what is excluded stays out");
	tap_ok(!glob_list_match("!bad", "good"), "to exclude is not to name");
	tap_ok(!glob_list_match("", "a") && !glob_list_match(",,!", "a"), "nothing names nobody");
	return tap_done();
}

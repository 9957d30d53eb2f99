/*
 * Where records start in the middle of an input, without having seen what lies before.
 */
#ifndef FL_GUESS_H
#define FL_GUESS_H

#include "grammar.h"

#include <stddef.h>

#define FL_GUESS_MOST ((size_t)64 << 10) /* bytes in which a quote is looked for */

/*
 * Guesses where in text[0, nbytes) a record starts behind the end of another: the first such place.  Gives its offset, SIZE_MAX if
 * there is none.
 *
 *	bc",1\nd	  6: only in quotes is there anything right with that quote
 *	b\nc,"d"\n	  2: only outside them is there anything right with these
 *	bc\nd		  3: most bytes are not in quotes
 */
size_t fl_guess_start(const unsigned char class_of[256], int quote, const char *text, size_t nbytes);

/* Gives the same place for sure, of a text that is entered in this state. */
size_t fl_find_start(const unsigned char class_of[256], int quote, enum fl_state state, const char *text,
		     size_t nbytes);

#endif

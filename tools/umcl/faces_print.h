/* How `umcl faces` prints: JSON (schema umcl.faces/1) or text. */
#ifndef UM_TOOLS_FACES_PRINT_H
#define UM_TOOLS_FACES_PRINT_H

#include <stdio.h>

#include "faces_rows.h"

/** A JSON string with its quotes. */
void faces_print_string(FILE *to, const char *text);

/** One element of "frames". */
void faces_print_json(FILE *to, const faces_row *row);

/** The faces of a still picture, a line each. */
void faces_print_text(FILE *to, const faces_row *row);

#endif

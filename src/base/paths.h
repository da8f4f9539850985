/*
 * Where the program's own data lie (models), wherever the program was installed or built.
 */
#ifndef UM_BASE_PATHS_H
#define UM_BASE_PATHS_H

#include "base/status.h"
#include "base/str.h"

/**
 * Finds a data file by its name below share/umcl, such as "models/faces.safetensors". Looks, in
 * this order, in the folder that the environment variable UMCL_MODELS names (for "models/..."
 * alone), in ../share/umcl and share/umcl as seen from the running program, and in the folder
 * given when the library was configured.
 *
 * @param out the path of a regular file that exists; what it held before is dropped. Empty on
 *            failure. Released with um_str_clear().
 * @return UMCL_ERR_NOT_FOUND (the sentence lists the places), UMCL_ERR_NOMEM
 */
umcl_status um_find_data(um_str *out, const char *name);

#endif

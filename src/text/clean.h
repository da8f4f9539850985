/* What CLIP's tokenizer does to a text before it splits it. */
#ifndef UM_TEXT_CLEAN_H
#define UM_TEXT_CLEAN_H

#include "base/status.h"
#include "base/str.h"

/**
 * Resolves HTML references (twice, as CLIP does: "&amp;lt;" is "<"), turns runs of white space into
 * one blank, drops it at both ends, and lower-cases.
 *
 * @param out appended to
 * @return UMCL_ERR_INVALID (not UTF-8), UMCL_ERR_NOMEM
 */
umcl_status um_text_clean(um_str *out, const char *text);

#endif

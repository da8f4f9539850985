/*
 * The outputs of `umcl detect`. A format is three calls: before the first video, for each, after
 * the last.
 */
#ifndef UM_TOOLS_DETECT_PRINT_H
#define UM_TOOLS_DETECT_PRINT_H

#include <umcl/umcl.h>

typedef struct detect_format {
    const char *name; /* "text", "json", "jsonl", "csv" */
    void (*begin)(const umcl_model_info *model);
    void (*video)(const umcl_model_info *model, const char *path, const umcl_report *report);
    void (*end)(void);
} detect_format;

extern const detect_format detect_text, detect_json, detect_jsonl, detect_csv;

#endif

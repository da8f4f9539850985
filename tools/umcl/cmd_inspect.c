#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/status.h"
#include "base/str.h"
#include "cli.h"
#include "model/arch.h"
#include "model/import_file.h"
#include "model/model_file.h"

static const char help[] =
    "usage: umcl inspect [--json] FILE...\n"
    "\n"
    "Shows what a model file holds: its metadata, whether its content hash fits, and for each\n"
    "tensor its type, shape, smallest, largest and mean finite value and the number of NaN and\n"
    "infinite ones. Reads safetensors and PyTorch files (nothing in them is executed).\n"
    "\n"
    "      --json   an array with one object for each file: {\"schema\": \"umcl.inspect/1\", "
    "\"path\",\n"
    "               \"format\", \"metadata\", \"verified\" (true, false, or null where it is not a "
    "model\n"
    "               file of ours), \"numbers\", \"tensors\": [{\"name\", \"dtype\", \"shape\", "
    "\"min\", \"max\",\n"
    "               \"mean\", \"nan\", \"inf\"}]}\n"
    "  -h, --help   this text\n"
    "\n"
    "example: umcl inspect lrnet.safetensors\n"
    "\n"
    "Exit codes: 0 done, 1 a file could not be read, 2 usage.\n";

typedef struct stats {
    double min, max, mean; /* of the finite values; NAN if there are none */
    size_t nan, inf;
} stats;

static umcl_status measure(stats *out, const um_st_tensor *t)
{
    size_t finite = 0;
    double sum = 0;
    float *value;

    *out = (stats){.min = NAN, .max = NAN, .mean = NAN};
    UM_TRY(um_calloc(&value, t->count, sizeof *value));
    if (um_st_to_f32(value, t) == UMCL_OK) {
        for (size_t i = 0; i < t->count; i++) {
            double v = value[i];

            out->nan += isnan(v) != 0;
            out->inf += isinf(v) != 0;
            if (!isfinite(v)) continue;
            out->min = fmin(out->min, v);
            out->max = fmax(out->max, v);
            sum += v;
            finite++;
        }
    }
    free(value);
    if (finite) out->mean = sum / (double)finite;
    return UMCL_OK;
}

/* 1: verified, 0: does not fit, -1: not one of our model files. */
static int verify(const um_import_file *file, const char *path)
{
    const um_st_file *st = um_import_file_safetensors(file);
    const char *format = st ? um_st_meta(st, UM_META_FORMAT) : NULL;
    um_st_file *model;

    if (!format || strcmp(format, UM_MODEL_FORMAT) != 0) return -1;
    if (um_model_file_open(&model, path, NULL) != UMCL_OK) return 0;
    um_st_free(model);
    return 1;
}

static size_t total(const um_import_file *file)
{
    size_t n = 0;

    for (size_t i = 0; i < um_import_file_count(file); i++) n += um_import_file_at(file, i)->count;
    return n;
}

static umcl_status print_text(const um_import_file *file, const char *path)
{
    const um_st_file *meta = um_import_file_safetensors(file);
    int verified = verify(file, path);

    printf("%s: %s, %zu tensors, %zu numbers\n", path, um_import_file_format(file),
           um_import_file_count(file), total(file));
    for (size_t i = 0; meta && i < um_st_meta_count(meta); i++) {
        const char *key, *value;

        um_st_meta_at(meta, i, &key, &value);
        printf("  %s: %s\n", key, value);
    }
    if (verified == 0) printf("  NOT VERIFIED: %s\n", umcl_last_error());
    if (verified == 1) printf("  verified: the content hash fits, all numbers are finite\n");
    printf("%-44s %-5s %-22s %11s %11s %11s %5s %5s\n", "name", "type", "shape", "min", "max",
           "mean", "nan", "inf");
    for (size_t i = 0; i < um_import_file_count(file); i++) {
        const um_st_tensor *t = um_import_file_at(file, i);
        um_str shape = UM_STR_INIT;
        stats s;

        UM_TRY(measure(&s, t));
        um_dims_text(&shape, t->rank, t->dim);
        UM_TRY(um_str_status(&shape));
        printf("%-44s %-5s %-22s %11.4g %11.4g %11.4g %5zu %5zu\n", t->name,
               um_st_type_name(t->type), shape.text, s.min, s.max, s.mean, s.nan, s.inf);
        um_str_clear(&shape);
    }
    return UMCL_OK;
}

static json_t *number_or_null(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static umcl_status tensor_json(json_t *list, const um_st_tensor *t)
{
    json_t *shape = json_array();
    stats s;

    for (int i = 0; i < t->rank; i++) json_array_append_new(shape, json_integer(t->dim[i]));
    if (measure(&s, t) != UMCL_OK) {
        json_decref(shape);
        return UMCL_ERR_NOMEM;
    }
    json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:I}", "name",
                                          t->name, "dtype", um_st_type_name(t->type), "shape",
                                          shape, "min", number_or_null(s.min), "max",
                                          number_or_null(s.max), "mean", number_or_null(s.mean),
                                          "nan", (json_int_t)s.nan, "inf", (json_int_t)s.inf));
    return UMCL_OK;
}

static umcl_status file_json(json_t *list, const um_import_file *file, const char *path)
{
    const um_st_file *st = um_import_file_safetensors(file);
    json_t *meta = json_object(), *tensors = json_array();
    int verified = verify(file, path);
    umcl_status result = UMCL_OK;

    for (size_t i = 0; st && i < um_st_meta_count(st); i++) {
        const char *key, *value;

        um_st_meta_at(st, i, &key, &value);
        json_object_set_new(meta, key, json_string(value));
    }
    for (size_t i = 0; i < um_import_file_count(file) && result == UMCL_OK; i++)
        result = tensor_json(tensors, um_import_file_at(file, i));
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o, s:o, s:I, s:o}", "schema",
                                          "umcl.inspect/1", "path", path, "format",
                                          um_import_file_format(file), "metadata", meta, "verified",
                                          verified < 0 ? json_null() : json_boolean(verified),
                                          "numbers", (json_int_t)total(file), "tensors", tensors));
    return result;
}

static umcl_status inspect(json_t *list, const char *path)
{
    um_import_file *file;
    umcl_status st;

    UM_TRY(um_import_file_open(&file, path));
    st = list ? file_json(list, file, path) : print_text(file, path);
    um_import_file_close(file);
    return st;
}

int cmd_inspect(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    int c, code = EXIT_DONE;
    bool json = false;
    json_t *list;

    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (c) {
        case 'j': json = true; break;
        case 'h': fputs(help, stdout); return EXIT_DONE;
        default: return cli_bad_option("inspect");
        }
    }
    if (optind == argc) return cli_usage("inspect", "expected at least one file");
    list = json ? json_array() : NULL;
    for (int i = optind; i < argc; i++)
        if (inspect(list, argv[i]) != UMCL_OK) code = cli_fail("inspect");
    if (list) {
        json_dumpf(list, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
        putchar('\n');
    }
    json_decref(list);
    return code;
}

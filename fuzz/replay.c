/* Runs a fuzzer's entry on files and on the files of folders: a corpus as an ordinary test. */
#include "replay.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/str.h"

#define MAX_INPUT_BYTES ((size_t)64 << 20)

static int n_inputs;

static int replay_file(const char *path)
{
    char *bytes;
    size_t n;

    if (um_file_read(&bytes, &n, path, MAX_INPUT_BYTES) != UMCL_OK) {
        fprintf(stderr, "replay: %s\n", umcl_last_error());
        return 1;
    }
    LLVMFuzzerTestOneInput((const uint8_t *)bytes, n);
    free(bytes);
    n_inputs++;
    return 0;
}

static int replay_dir(const char *path)
{
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, alphasort), failed = 0;

    if (n < 0) {
        perror(path);
        return 1;
    }
    for (int i = 0; i < n; i++) {
        um_str name = UM_STR_INIT;

        um_str_printf(&name, "%s/%s", path, entries[i]->d_name);
        if (um_str_status(&name) != UMCL_OK)
            failed = 1;
        else if (um_is_file(name.text))
            failed |= replay_file(name.text);
        um_str_clear(&name);
        free(entries[i]);
    }
    free(entries);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++)
        failed |= um_is_dir(argv[i]) ? replay_dir(argv[i]) : replay_file(argv[i]);
    printf("%d inputs replayed\n", n_inputs);
    return failed || n_inputs == 0;
}

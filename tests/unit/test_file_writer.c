/* Writing onto what is no plain file: it stays what it is. */
#include "../test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static void test_pipe(void **state)
{
    char folder[] = "writer_XXXXXX", path[64], got[8] = "";
    struct stat info;
    int fd;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/pipe", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    fd = open(path, O_RDWR | O_CLOEXEC); /* so that neither end waits for the other */
    assert_true(fd >= 0);
    assert_ok(um_file_can_write(path));
    assert_ok(um_file_write(path, "abc", 3));
    assert_int_equal(stat(path, &info), 0);
    assert_true(S_ISFIFO(info.st_mode));
    assert_int_equal(read(fd, got, sizeof got), 3);
    assert_string_equal(got, "abc");
    close(fd);
    unlink(path);
    rmdir(folder); /* and no temporary file was left in it */
    assert_int_equal(access(folder, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pipe)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

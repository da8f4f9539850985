#define UM_ROWS_TABLE um_rows_portable
#include "backend/cpu/rows_template.h"

#include "backend/cpu/cpu.h"

const um_row_fns *um_cpu_rows(void)
{
#if defined(__x86_64__)
    um_cpu_level level = um_cpu_get_level();

    if (level == UM_CPU_AVX512) return &um_rows_avx512;
    if (level == UM_CPU_AVX2) return &um_rows_avx2;
#endif
    return &um_rows_portable;
}

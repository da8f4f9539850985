#define UM_ROWS_TABLE um_rows_avx512
#include "backend/cpu/rows_template.h"

#define UM_ROWS_TABLE um_rows_avx2
#include "backend/cpu/rows_template.h"

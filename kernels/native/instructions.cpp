// One instruction set's loops as a table. The build compiles this file once for each set, with the
// compiler's options for it and HANGTAG_ISA as its name.
#include "correlate.h"
#include "drop.h"
#include "grey.h"
#include "least.h"
#include "multiply.h"
#include "normalize.h"
#include "pool.h"
#include "product.h"
#include "steps.h"
#include "update.h"
#include "winograd.h"

#define HANGTAG_TEXT(word) #word
#define HANGTAG_NAME(word) HANGTAG_TEXT(word)

namespace hangtag::HANGTAG_ISA {

extern const Steps kSteps;
const Steps kSteps = {HANGTAG_NAME(HANGTAG_ISA),
                      kLanes,
                      multiply,
                      correlate,
                      transform_inputs,
                      transform_gradients,
                      transform_kernels,
                      transform_outputs,
                      transform_kernel_gradient,
                      grey_layer,
                      grey_gradient,
                      moments,
                      scale_rows,
                      slope_sums,
                      scale_slopes,
                      pool,
                      unpool,
                      unrectify,
                      add_places,
                      add_parts,
                      product,
                      product_across,
                      exchange,
                      finish,
                      settle,
                      prepare,
                      least_two,
                      switch_off,
                      add_rows,
                      adam,
                      drop};

}  // namespace hangtag::HANGTAG_ISA

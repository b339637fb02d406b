// Dense layers as XLA calls them; see convolution_calls.cpp.
#include "dense.h"
#include "layer_call.h"
#include "processor.h"

namespace hangtag {

namespace {

DenseShape dense_shape(const Dimensions& input, const Dimensions& kernel, const Dimensions& output,
                       int64_t relu) {
  const auto given = input.end() - 2;
  const auto weights = kernel.end() - 2;
  const auto answer = output.end() - 2;
  demand(given[1] == weights[0] && answer[1] == weights[1] && answer[0] == given[0],
         "dense: inputs of " + text(input) + " and a kernel of " + text(kernel) +
             " do not give an output of " + text(output));
  demand(weights[0] > 0 && weights[1] > 0, "dense: a side of the kernel is empty");
  return {given[0], given[1], weights[1], relu != 0};
}

ffi::Error dense_forward(ffi::ThreadPool pool, Floats input, Floats kernel, Floats bias,
                         ffi::Result<Floats> output, int64_t relu) {
  return reported([&] {
    DenseForward call;
    take_forward(call, {"dense", "inputs", 2}, input, kernel, bias, output);
    call.shape = dense_shape(dimensions(input), dimensions(kernel), dimensions(*output), relu);
    XlaTeam team(pool);
    dense(call, steps(), team);
  });
}

ffi::Error dense_backward(ffi::ThreadPool pool, Floats input, Floats kernel, Floats output,
                          Floats slopes, ffi::Result<Floats> input_slopes,
                          ffi::Result<Floats> kernel_slopes, ffi::Result<Floats> bias_slopes,
                          int64_t relu) {
  return reported([&] {
    const Layer layer = {"dense gradient", "inputs", 2};
    const Models models(layer.name, dimensions(*kernel_slopes), 2);
    DenseBackward call;
    take_backward(call, models, layer, input, kernel, input_slopes, kernel_slopes, bias_slopes);
    call.slopes_of = models.offsets("slopes", dimensions(slopes), 2);
    call.slopes = slopes.typed_data();
    call.shape = dense_shape(dimensions(input), dimensions(kernel), dimensions(slopes), relu);
    if (call.shape.relu) {
      call.outputs = models.offsets("output", dimensions(output), 2);
      check_same(layer.name, "the output of one model", own(dimensions(output), 2),
                 own(dimensions(slopes), 2));
      call.output = output.typed_data();
    }
    XlaTeam team(pool);
    dense_back(call, steps(), team);
  });
}

}  // namespace

#pragma GCC visibility push(default)

XLA_FFI_DEFINE_HANDLER_SYMBOL(hangtag_dense, dense_forward,
                              ffi::Ffi::Bind()
                                  .Ctx<ffi::ThreadPool>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Ret<Floats>()
                                  .Attr<int64_t>("relu"));

XLA_FFI_DEFINE_HANDLER_SYMBOL(hangtag_dense_back, dense_backward,
                              ffi::Ffi::Bind()
                                  .Ctx<ffi::ThreadPool>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Ret<Floats>()
                                  .Ret<Floats>()
                                  .Ret<Floats>()
                                  .Attr<int64_t>("relu"));

#pragma GCC visibility pop

}  // namespace hangtag

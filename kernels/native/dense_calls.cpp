// Dense layers as XLA calls them; see convolution_calls.cpp.
#include "call.h"
#include "dense.h"
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
    const Models models("dense", dimensions(*output), 2);
    DenseForward call;
    call.inputs = models.offsets("inputs", dimensions(input), 2);
    call.kernels = models.offsets("kernel", dimensions(kernel), 2);
    call.biases = models.offsets("bias", dimensions(bias), 1);
    call.outputs = models.offsets("output", dimensions(*output), 2);
    call.shape = dense_shape(dimensions(input), dimensions(kernel), dimensions(*output), relu);
    check_same("dense", "the bias of one model", own(dimensions(bias), 1), {call.shape.outputs});
    call.input = input.typed_data();
    call.weights = kernel.typed_data();
    call.bias = bias.typed_data();
    call.output = output->typed_data();
    XlaTeam team(pool);
    dense(call, steps(), team);
  });
}

ffi::Error dense_backward(ffi::ThreadPool pool, Floats input, Floats kernel, Floats output,
                          Floats slopes, ffi::Result<Floats> input_slopes,
                          ffi::Result<Floats> kernel_slopes, ffi::Result<Floats> bias_slopes,
                          int64_t relu) {
  return reported([&] {
    const Models models("dense gradient", dimensions(*kernel_slopes), 2);
    DenseBackward call;
    call.inputs = models.offsets("inputs", dimensions(input), 2);
    call.kernels = models.offsets("kernel", dimensions(kernel), 2);
    call.slopes_of = models.offsets("slopes", dimensions(slopes), 2);
    call.weight_gradients = models.offsets("kernel gradient", dimensions(*kernel_slopes), 2);
    call.bias_gradients = models.offsets("bias gradient", dimensions(*bias_slopes), 1);
    call.shape = dense_shape(dimensions(input), dimensions(kernel), dimensions(slopes), relu);
    call.input = input.typed_data();
    call.weights = kernel.typed_data();
    call.slopes = slopes.typed_data();
    call.weight_slopes = kernel_slopes->typed_data();
    call.bias_slopes = bias_slopes->typed_data();
    if (call.shape.relu) {
      call.outputs = models.offsets("output", dimensions(output), 2);
      check_same("dense gradient", "the output of one model", own(dimensions(output), 2),
                 own(dimensions(slopes), 2));
      call.output = output.typed_data();
    }
    if (input_slopes->element_count() > 0) {
      call.input_gradients = models.offsets("input gradient", dimensions(*input_slopes), 2);
      check_same("dense gradient", "the gradient of one model's inputs",
                 own(dimensions(*input_slopes), 2), own(dimensions(input), 2));
      call.input_slopes = input_slopes->typed_data();
    }
    check_same("dense gradient", "the gradient of one model's kernel",
               own(dimensions(*kernel_slopes), 2), own(dimensions(kernel), 2));
    check_same("dense gradient", "the gradient of one model's bias",
               own(dimensions(*bias_slopes), 1), {call.shape.outputs});
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

// What calls of layers with weights share, convolutions and dense ones: arrays of one or many
// models in, checked and noted in the call.
#pragma once

#include "call.h"

namespace hangtag {

// How a layer is called in complaints, and the dimensions that its arrays have for one model.
struct Layer {
  const char* name;
  const char* inputs;
  size_t rank;
};

template <class Call>
void take_forward(Call& call, const Layer& layer, Floats input, Floats kernel, Floats bias,
                  ffi::Result<Floats> output) {
  const Models models(layer.name, dimensions(*output), layer.rank);
  call.inputs = models.offsets(layer.inputs, dimensions(input), layer.rank);
  call.kernels = models.offsets("kernel", dimensions(kernel), layer.rank);
  call.biases = models.offsets("bias", dimensions(bias), 1);
  call.outputs = models.offsets("output", dimensions(*output), layer.rank);
  check_same(layer.name, "the bias of one model", own(dimensions(bias), 1),
             {dimensions(kernel).back()});
  call.input = input.typed_data();
  call.weights = kernel.typed_data();
  call.bias = bias.typed_data();
  call.output = output->typed_data();
}

// The offsets of a gradient, which has the shape of `wanted` for every model.
inline std::vector<int64_t> take_gradient(const Models& models, const Layer& layer,
                                          const std::string& of, ffi::Result<Floats>& slopes,
                                          const Dimensions& wanted) {
  const Dimensions found = dimensions(*slopes);
  const auto offsets = models.offsets(of + " gradient", found, wanted.size());
  check_same(layer.name, ("the gradient of one model's " + of).c_str(), own(found, wanted.size()),
             wanted);
  return offsets;
}

template <class Call>
void take_backward(Call& call, const Models& models, const Layer& layer, Floats input,
                   Floats kernel, ffi::Result<Floats> input_slopes,
                   ffi::Result<Floats> kernel_slopes, ffi::Result<Floats> bias_slopes) {
  call.inputs = models.offsets(layer.inputs, dimensions(input), layer.rank);
  call.kernels = models.offsets("kernel", dimensions(kernel), layer.rank);
  const Dimensions weights = own(dimensions(kernel), layer.rank);
  call.weight_gradients = take_gradient(models, layer, "kernel", kernel_slopes, weights);
  call.bias_gradients = take_gradient(models, layer, "bias", bias_slopes, {weights.back()});
  if (input_slopes->element_count() > 0) {
    call.input_gradients = take_gradient(models, layer, layer.inputs, input_slopes,
                                         own(dimensions(input), layer.rank));
    call.input_slopes = input_slopes->typed_data();
  }
  call.input = input.typed_data();
  call.weights = kernel.typed_data();
  call.weight_slopes = kernel_slopes->typed_data();
  call.bias_slopes = bias_slopes->typed_data();
}

}  // namespace hangtag

// Training of a stack of dense layers as XLA calls it: many steps in one call, weights and what
// Adam keeps of them changed in place where XLA lets results share the memory of what goes in.
#include <cstring>

#include "call.h"
#include "processor.h"
#include "stack.h"

namespace hangtag {

namespace {

using Numbers = ffi::Buffer<ffi::S32>;

// Right answers are counted in 32 bits.
constexpr int64_t kMostImages = 2147483647;

// More than all working memory of a step is, in arrays of a layer's size.
constexpr int64_t kCopies = 1024;

// The arrays of a call that are changed: for weights, first and second moments in turn, a kernel
// and a bias of each layer.
std::vector<StackLayer> layers_of(ffi::RemainingArgs arguments, ffi::RemainingRets results,
                                  ffi::Span<const int64_t> relus) {
  const size_t layers = relus.size(), kinds = 3;
  demand(layers > 0 && arguments.size() == 2 * kinds * layers,
         "train_stack: weights and two moments go in, a kernel and a bias of each layer");
  std::vector<StackLayer> found(layers);
  for (size_t at = 0; at < arguments.size(); ++at) {
    const auto from = arguments.get<Floats>(at);
    auto to = results.get<Floats>(at);
    demand(from.has_value() && to.has_value(), "train_stack: arrays are float32");
    const Dimensions shape = dimensions(*from);
    check_same("train_stack", "a result", dimensions(**to), shape);
    StackLayer& layer = found[at / 2 % layers];
    const size_t kind = at / (2 * layers);
    if (at % 2 == 0) {
      demand(shape.size() == 2 && shape[0] > 0 && shape[1] > 0,
             "train_stack: a kernel has inputs and outputs; got " + text(shape));
      if (kind == 0) layer.inputs = shape[0], layer.outputs = shape[1];
      check_same("train_stack", "a moment", shape, {layer.inputs, layer.outputs});
    } else {
      check_same("train_stack", "a bias", shape, {layer.outputs});
    }
    float* held = (*to)->typed_data();
    if (held != from->typed_data())
      std::memcpy(held, from->typed_data(), from->element_count() * sizeof(float));
    (at % 2 == 0 ? layer.weights : layer.biases)[kind] = held;
  }
  for (size_t layer = 0; layer < layers; ++layer) {
    found[layer].relu = relus[layer] != 0;
    demand(layer == 0 || found[layer].inputs == found[layer - 1].outputs,
           "train_stack: a layer does not take what the one before it gives");
  }
  return found;
}

void check_images(const StackTraining& training, Bytes pixels, Numbers labels, Numbers order,
                    Floats rates) {
  const Dimensions shape = dimensions(pixels);
  demand(shape.size() == 2 && shape[1] == training.layers[0].inputs,
         "train_stack: images of " + text(shape) + " do not fit the first layer");
  check_same("train_stack", "labels", dimensions(labels), {shape[0]});
  const int64_t taken = static_cast<int64_t>(order.element_count());
  demand(taken <= kMostImages, "train_stack: an order has at most 2^31 - 1 images");
  demand(training.batch > 0 && training.first >= 0 && training.threads >= 0,
         "train_stack: a batch has at least 1 image, steps and threads are at least 0");
  demand(training.last <= training.first ||
             (training.last <= static_cast<int64_t>(rates.element_count()) &&
              training.last <= taken / training.batch),
         "train_stack: there are not that many steps");
  for (int64_t one = 0; one < taken; ++one)
    if (order.typed_data()[one] < 0 || order.typed_data()[one] >= shape[0])
      throw Mismatch{"train_stack: there is no image " + std::to_string(order.typed_data()[one])};
  if (training.last <= training.first) return;
  // An image may be in a batch many times, so memory does not bound these.
  for (const StackLayer& layer : training.layers)
    product("train_stack", {training.batch, layer.inputs, layer.outputs, kCopies});
}

// Arguments: pixels, labels, their order, what is taken off each pixel and what it is divided by
// (both empty when nothing is), the steps' lengths, first and last step and the threads
// to use, the loss so far; then the arrays that are changed. Results: those; then loss, answers
// that were right, steps done and the step whose loss was not finite or -1.
ffi::Error train_stack_call(ffi::ThreadPool pool, Bytes pixels, Numbers labels, Numbers order,
                            Floats mean, Floats deviation, Floats rates, Numbers bounds,
                            Floats loss, ffi::RemainingArgs arguments,
                            ffi::Result<Floats> loss_after, ffi::Result<Numbers> counts,
                            ffi::RemainingRets results, int64_t batch,
                            ffi::Span<const int64_t> relus, float scale, float first, float second,
                            float epsilon, float least) {
  return reported([&] {
    demand(results.size() == arguments.size(), "train_stack: what goes in comes out");
    check_same("train_stack", "the bounds", dimensions(bounds), {3});
    check_same("train_stack", "the counts", dimensions(*counts), {3});
    demand(loss.element_count() == 1 && loss_after->element_count() == 1,
           "train_stack: the loss is one number");
    StackTraining training;
    training.layers = layers_of(arguments, results, relus);
    training.batch = batch;
    training.pixels = pixels.typed_data();
    training.labels = labels.typed_data();
    training.order = order.typed_data();
    training.first = bounds.typed_data()[0];
    training.last = bounds.typed_data()[1];
    training.threads = bounds.typed_data()[2];
    training.rates = rates.typed_data();
    training.preparing.scale = scale;
    if (mean.element_count() > 0) {
      const Dimensions wanted = {training.layers[0].inputs};
      check_same("train_stack", "the mean", dimensions(mean), wanted);
      check_same("train_stack", "the deviation", dimensions(deviation), wanted);
      training.preparing.mean = mean.typed_data();
      training.preparing.deviation = deviation.typed_data();
    }
    training.rule = {first, second, 0, epsilon};
    training.least = least;
    training.loss = loss.typed_data()[0];
    check_images(training, pixels, labels, order, rates);
    XlaTeam team(pool);
    train_stack(training, steps(), team);
    loss_after->typed_data()[0] = training.loss;
    counts->typed_data()[0] = static_cast<int32_t>(training.right);
    counts->typed_data()[1] = static_cast<int32_t>(training.done);
    counts->typed_data()[2] = static_cast<int32_t>(training.bad_step);
  });
}

}  // namespace

#pragma GCC visibility push(default)

XLA_FFI_DEFINE_HANDLER_SYMBOL(hangtag_train_stack, train_stack_call,
                              ffi::Ffi::Bind()
                                  .Ctx<ffi::ThreadPool>()
                                  .Arg<Bytes>()
                                  .Arg<Numbers>()
                                  .Arg<Numbers>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Arg<Numbers>()
                                  .Arg<Floats>()
                                  .RemainingArgs()
                                  .Ret<Floats>()
                                  .Ret<Numbers>()
                                  .RemainingRets()
                                  .Attr<int64_t>("batch")
                                  .Attr<ffi::Span<const int64_t>>("relus")
                                  .Attr<float>("scale")
                                  .Attr<float>("first")
                                  .Attr<float>("second")
                                  .Attr<float>("epsilon")
                                  .Attr<float>("least"));

#pragma GCC visibility pop

}  // namespace hangtag

// Convolution as XLA calls it: buffers and attributes in, checked and turned into a call of ours.
// To add a call: a function, a line of XLA_FFI_DEFINE_HANDLER_SYMBOL, its name in _library.py.
#include <algorithm>

#include "convolution.h"
#include "layer_call.h"
#include "processor.h"

namespace hangtag {

namespace {

// The furthest a stride or an edge of zeros may reach: where windows lie must stay countable.
constexpr int64_t kFarthest = 2147483647;

struct Window {
  int64_t stride_rows, stride_columns, pad_top, pad_left, relu, pool;
};

Shape shape_of(const Window& window, const Dimensions& images, const Dimensions& kernel,
               const Dimensions& output) {
  const auto image = images.end() - 4;
  const auto filter = kernel.end() - 4;
  const auto answer = output.end() - 4;
  demand(image[3] == filter[2], "conv2d: the images have " + std::to_string(image[3]) +
                                      " channels and the kernel takes " +
                                      std::to_string(filter[2]));
  demand(answer[3] == filter[3] && answer[0] == image[0],
         "conv2d: images of " + text(images) + " and a kernel of " + text(kernel) +
             " do not give an output of " + text(output));
  Shape shape;
  shape.rows = {image[1], answer[1] * window.pool, filter[0], window.stride_rows, window.pad_top};
  shape.columns = {image[2], answer[2] * window.pool, filter[1], window.stride_columns,
                   window.pad_left};
  shape.channels = filter[2];
  shape.filters = filter[3];
  for (const int64_t size : {image[1], image[2], filter[0], filter[1], filter[2], filter[3]})
    demand(size > 0, "conv2d: images of " + text(images) + " and a kernel of " + text(kernel) +
                         " have an empty side");
  // The numbers that places, rows of windows and values between two of them come to.
  for (const int64_t length : {answer[1], answer[2]})
    product("conv2d", {length, window.pool, std::max(window.stride_rows, window.stride_columns)});
  product("conv2d", {window.stride_rows, image[2], image[3]});
  product("conv2d", {window.stride_columns, image[3]});
  product("conv2d", {std::max<int64_t>(1, image[0]), image[1], image[2], image[3]});
  product("conv2d", {std::max<int64_t>(1, image[0]), shape.rows.output, shape.columns.output,
                     shape.filters});
  return shape;
}

void check_window(const Window& window) {
  const auto within = [](int64_t least, int64_t one, int64_t other) {
    return std::min(one, other) >= least && std::max(one, other) <= kFarthest;
  };
  demand(within(1, window.stride_rows, window.stride_columns),
         "conv2d: strides are at least 1 and at most 2147483647");
  demand(within(0, window.pad_top, window.pad_left),
         "conv2d: padding is at least 0 and at most 2147483647");
  check_pool("conv2d", window.pool);
}

ffi::Error convolve_forward(ffi::ThreadPool pool, Floats images, Floats kernel, Floats bias,
                            ffi::Result<Floats> output, ffi::Result<Bytes> routes,
                            int64_t stride_rows, int64_t stride_columns, int64_t pad_top,
                            int64_t pad_left, int64_t relu, int64_t pool_size) {
  return reported([&] {
    const Window window = {stride_rows, stride_columns, pad_top, pad_left, relu, pool_size};
    check_window(window);
    Forward call;
    take_forward(call, {"conv2d", "images", 4}, images, kernel, bias, output);
    call.shape = shape_of(window, dimensions(images), dimensions(kernel), dimensions(*output));
    call.finish = {window.relu != 0, window.pool};
    call.images = images.dimensions()[images.dimensions().size() - 4];
    if (routes->element_count() > 0) {
      check_same("conv2d", "the routes", dimensions(*routes), dimensions(*output));
      call.routes = routes->typed_data();
    }
    XlaTeam team(pool);
    convolve(call, steps(), team);
  });
}

ffi::Error convolve_backward(ffi::ThreadPool pool, Floats images, Floats kernel, Bytes routes,
                             Floats slopes, ffi::Result<Floats> image_slopes,
                             ffi::Result<Floats> kernel_slopes, ffi::Result<Floats> bias_slopes,
                             int64_t stride_rows, int64_t stride_columns, int64_t pad_top,
                             int64_t pad_left, int64_t relu, int64_t pool_size) {
  return reported([&] {
    const Window window = {stride_rows, stride_columns, pad_top, pad_left, relu, pool_size};
    check_window(window);
    const Layer layer = {"conv2d gradient", "images", 4};
    const Models models(layer.name, dimensions(*kernel_slopes), 4);
    Backward call;
    take_backward(call, models, layer, images, kernel, image_slopes, kernel_slopes, bias_slopes);
    call.outputs = models.offsets("slopes", dimensions(slopes), 4);
    call.slopes = slopes.typed_data();
    call.shape = shape_of(window, dimensions(images), dimensions(kernel), dimensions(slopes));
    call.finish = {window.relu != 0, window.pool};
    call.images = images.dimensions()[images.dimensions().size() - 4];
    const bool routed = window.relu != 0 || window.pool > 1;
    if (routed) {
      call.routes_of = models.offsets("routes", dimensions(routes), 4);
      check_same(layer.name, "the routes of one model", own(dimensions(routes), 4),
                 own(dimensions(slopes), 4));
      call.routes = routes.typed_data();
    }
    XlaTeam team(pool);
    convolve_back(call, steps(), team);
  });
}

}  // namespace

#pragma GCC visibility push(default)

XLA_FFI_DEFINE_HANDLER_SYMBOL(hangtag_convolve, convolve_forward,
                              ffi::Ffi::Bind()
                                  .Ctx<ffi::ThreadPool>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Ret<Floats>()
                                  .Ret<Bytes>()
                                  .Attr<int64_t>("stride_rows")
                                  .Attr<int64_t>("stride_columns")
                                  .Attr<int64_t>("pad_top")
                                  .Attr<int64_t>("pad_left")
                                  .Attr<int64_t>("relu")
                                  .Attr<int64_t>("pool"));

XLA_FFI_DEFINE_HANDLER_SYMBOL(hangtag_convolve_back, convolve_backward,
                              ffi::Ffi::Bind()
                                  .Ctx<ffi::ThreadPool>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Arg<Bytes>()
                                  .Arg<Floats>()
                                  .Ret<Floats>()
                                  .Ret<Floats>()
                                  .Ret<Floats>()
                                  .Attr<int64_t>("stride_rows")
                                  .Attr<int64_t>("stride_columns")
                                  .Attr<int64_t>("pad_top")
                                  .Attr<int64_t>("pad_left")
                                  .Attr<int64_t>("relu")
                                  .Attr<int64_t>("pool"));

#pragma GCC visibility pop

}  // namespace hangtag

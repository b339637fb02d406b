// Max-pooling as XLA calls it; see convolution_calls.cpp. Models of a batched call are only more
// images here.
#include "call.h"
#include "pooling.h"
#include "processor.h"

namespace hangtag {

namespace {

PoolCall pool_call(const char* name, const Dimensions& images, const Dimensions& pooled,
                   int64_t window) {
  check_pool(name, window);
  demand(images.size() >= 4, std::string(name) + ": images need 4 dimensions; got " + text(images));
  Dimensions wanted = images;
  wanted[wanted.size() - 3] /= window;
  wanted[wanted.size() - 2] /= window;
  demand(pooled == wanted, std::string(name) + ": images of " + text(images) + " pool to " +
                               text(wanted) + "; got " + text(pooled));
  product(name, images);
  PoolCall call;
  call.channels = images.back();
  call.width = images[images.size() - 2];
  call.height = images[images.size() - 3];
  call.window = window;
  call.images = 1;
  for (size_t at = 0; at + 3 < images.size(); ++at) call.images *= images[at];
  return call;
}

ffi::Error pool_forward(ffi::ThreadPool pool, Floats images, ffi::Result<Floats> output,
                        ffi::Result<Bytes> routes, int64_t window) {
  return reported([&] {
    const PoolCall call = pool_call("max_pool", dimensions(images), dimensions(*output), window);
    const bool routed = routes->element_count() > 0;
    if (routed) check_same("max_pool", "the routes", dimensions(*routes), dimensions(*output));
    if (output->element_count() == 0) return;
    XlaTeam team(pool);
    pool_images(call, images.typed_data(), output->typed_data(),
                routed ? routes->typed_data() : nullptr, steps(), team);
  });
}

ffi::Error pool_backward(ffi::ThreadPool pool, Bytes routes, Floats slopes,
                         ffi::Result<Floats> image_slopes, int64_t window) {
  return reported([&] {
    const PoolCall call =
        pool_call("max_pool gradient", dimensions(*image_slopes), dimensions(slopes), window);
    check_same("max_pool gradient", "the routes", dimensions(routes), dimensions(slopes));
    if (image_slopes->element_count() == 0) return;
    XlaTeam team(pool);
    unpool_images(call, slopes.typed_data(), routes.typed_data(), image_slopes->typed_data(),
                  steps(), team);
  });
}

}  // namespace

#pragma GCC visibility push(default)

XLA_FFI_DEFINE_HANDLER_SYMBOL(
    hangtag_pool, pool_forward,
    ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Floats>().Ret<Floats>().Ret<Bytes>().Attr<int64_t>(
        "window"));

XLA_FFI_DEFINE_HANDLER_SYMBOL(
    hangtag_pool_back, pool_backward,
    ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Bytes>().Arg<Floats>().Ret<Floats>().Attr<int64_t>(
        "window"));

#pragma GCC visibility pop

}  // namespace hangtag

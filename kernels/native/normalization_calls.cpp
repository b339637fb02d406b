// Batch normalization as XLA calls it; see convolution_calls.cpp. Models of a batched call run one
// after the other, each on all threads.
#include "normalization.h"

#include "call.h"
#include "processor.h"

namespace hangtag {

namespace {

NormalizationShape shape_of(const Dimensions& values, float epsilon, int64_t relu) {
  const Dimensions one = own(values, 2);
  return {one[0], one[1], epsilon, relu != 0};
}

ffi::Error normalize_forward(ffi::ThreadPool pool, Floats values, Floats gamma, Floats beta,
                             ffi::Result<Floats> answers, ffi::Result<Floats> mean,
                             ffi::Result<Floats> variance, float epsilon, int64_t relu) {
  return reported([&] {
    const Models models("normalize", dimensions(*mean), 1);  // which no rows have, too
    const auto from = models.offsets("values", dimensions(values), 2);
    const auto gammas = models.offsets("gamma", dimensions(gamma), 1);
    const auto betas = models.offsets("beta", dimensions(beta), 1);
    const auto to = models.offsets("answers", dimensions(*answers), 2);
    const auto means = models.offsets("mean", dimensions(*mean), 1);
    const auto variances = models.offsets("variance", dimensions(*variance), 1);
    Normalization call;
    call.shape = shape_of(dimensions(*answers), epsilon, relu);
    const Dimensions channels = {call.shape.channels};
    check_same("normalize", "the values of one model", own(dimensions(values), 2),
               {call.shape.rows, call.shape.channels});
    check_same("normalize", "gamma of one model", own(dimensions(gamma), 1), channels);
    check_same("normalize", "beta of one model", own(dimensions(beta), 1), channels);
    check_same("normalize", "the mean of one model", own(dimensions(*mean), 1), channels);
    check_same("normalize", "the variance of one model", own(dimensions(*variance), 1), channels);
    XlaTeam team(pool);
    for (size_t model = 0; model < to.size(); ++model) {
      call.values = values.typed_data() + from[model];
      call.gamma = gamma.typed_data() + gammas[model];
      call.beta = beta.typed_data() + betas[model];
      call.answers = answers->typed_data() + to[model];
      call.mean = mean->typed_data() + means[model];
      call.variance = variance->typed_data() + variances[model];
      normalize(call, steps(), team);
    }
  });
}

ffi::Error normalize_backward(ffi::ThreadPool pool, Floats values, Floats gamma, Floats beta,
                              Floats mean, Floats variance, Floats slopes,
                              ffi::Result<Floats> value_slopes, ffi::Result<Floats> gamma_slopes,
                              ffi::Result<Floats> beta_slopes, float epsilon, int64_t relu) {
  return reported([&] {
    const char* name = "normalize gradient";
    const Models models(name, dimensions(*gamma_slopes), 1);
    const auto from = models.offsets("values", dimensions(values), 2);
    const auto gammas = models.offsets("gamma", dimensions(gamma), 1);
    const auto betas = models.offsets("beta", dimensions(beta), 1);
    const auto means = models.offsets("mean", dimensions(mean), 1);
    const auto variances = models.offsets("variance", dimensions(variance), 1);
    const auto back = models.offsets("slopes", dimensions(slopes), 2);
    const auto to = models.offsets("value gradient", dimensions(*value_slopes), 2);
    const auto of_gamma = models.offsets("gamma gradient", dimensions(*gamma_slopes), 1);
    const auto of_beta = models.offsets("beta gradient", dimensions(*beta_slopes), 1);
    NormalizationBack call;
    call.shape = shape_of(dimensions(*value_slopes), epsilon, relu);
    const Dimensions rows = {call.shape.rows, call.shape.channels};
    const Dimensions channels = {call.shape.channels};
    check_same(name, "the values of one model", own(dimensions(values), 2), rows);
    check_same(name, "the slopes of one model", own(dimensions(slopes), 2), rows);
    for (const Floats* one : {&gamma, &beta, &mean, &variance})
      check_same(name, "numbers for each channel", own(dimensions(*one), 1), channels);
    check_same(name, "the gradient of gamma", own(dimensions(*gamma_slopes), 1), channels);
    check_same(name, "the gradient of beta", own(dimensions(*beta_slopes), 1), channels);
    XlaTeam team(pool);
    for (size_t model = 0; model < to.size(); ++model) {
      call.values = values.typed_data() + from[model];
      call.gamma = gamma.typed_data() + gammas[model];
      call.beta = beta.typed_data() + betas[model];
      call.mean = mean.typed_data() + means[model];
      call.variance = variance.typed_data() + variances[model];
      call.slopes = slopes.typed_data() + back[model];
      call.value_slopes = value_slopes->typed_data() + to[model];
      call.gamma_slopes = gamma_slopes->typed_data() + of_gamma[model];
      call.beta_slopes = beta_slopes->typed_data() + of_beta[model];
      normalize_back(call, steps(), team);
    }
  });
}

}  // namespace

#pragma GCC visibility push(default)

XLA_FFI_DEFINE_HANDLER_SYMBOL(hangtag_normalize, normalize_forward,
                              ffi::Ffi::Bind()
                                  .Ctx<ffi::ThreadPool>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Ret<Floats>()
                                  .Ret<Floats>()
                                  .Ret<Floats>()
                                  .Attr<float>("epsilon")
                                  .Attr<int64_t>("relu"));

XLA_FFI_DEFINE_HANDLER_SYMBOL(hangtag_normalize_back, normalize_backward,
                              ffi::Ffi::Bind()
                                  .Ctx<ffi::ThreadPool>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Arg<Floats>()
                                  .Ret<Floats>()
                                  .Ret<Floats>()
                                  .Ret<Floats>()
                                  .Attr<float>("epsilon")
                                  .Attr<int64_t>("relu"));

#pragma GCC visibility pop

}  // namespace hangtag

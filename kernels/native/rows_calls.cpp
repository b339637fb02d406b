// Rows of a table of bytes, as XLA calls for them: a batch of pictures picked out of all of them.
#include <cstring>

#include "call.h"

namespace hangtag {

namespace {

ffi::Error take_rows(Bytes table, ffi::Buffer<ffi::S32> places, ffi::Result<Bytes> rows) {
  return reported([&] {
    const Dimensions from = dimensions(table);
    demand(from.size() == 2 && places.dimensions().size() == 1,
           "take_rows: a table of rows and a list of places; got " + text(from) + " and " +
               text(dimensions(places)));
    check_same("take_rows", "the rows", dimensions(*rows), {places.dimensions()[0], from[1]});
    const size_t length = static_cast<size_t>(from[1]);
    for (int64_t row = 0; row < places.dimensions()[0]; ++row) {
      const int64_t place = places.typed_data()[row];
      demand(place >= 0 && place < from[0], "take_rows: there is no row " + std::to_string(place));
      std::memcpy(rows->typed_data() + row * from[1], table.typed_data() + place * from[1], length);
    }
  });
}

}  // namespace

#pragma GCC visibility push(default)

XLA_FFI_DEFINE_HANDLER_SYMBOL(
    hangtag_take_rows, take_rows,
    ffi::Ffi::Bind().Arg<Bytes>().Arg<ffi::Buffer<ffi::S32>>().Ret<Bytes>());

#pragma GCC visibility pop

}  // namespace hangtag

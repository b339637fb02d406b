// What the drivers ask of an instruction set: descriptions of the few loops in which all the time
// goes, and the table of functions that run them. To add a loop: a struct and a pointer here, the
// loop in a header of its own, a line in instructions.cpp.
#pragma once

#include <cstdint>

namespace hangtag {

// Value of a route where no gradient flows: the ReLU was off or the value was not a number.
constexpr uint8_t kNoRoute = 255;

// How the filters of a matrix are laid out for `multiply`: two groups of lanes side by side (a
// panel), all rows of it below each other, then the next panel; an odd last group stands alone.
struct Panels {
  int64_t rows = 0;
  int64_t filters = 0;
  int lanes = 1;
};

// output[place][filter] = bias[filter] + sum over the place's window of input × weights, for a set
// of places whose windows have the same shape: `window_rows` runs of `run` neighbouring values.
struct Multiplication {
  const float* input = nullptr;
  int64_t input_image = 0;                // floats from one image to the next
  const int64_t* input_places = nullptr;  // first value of each place's window
  float* output = nullptr;
  uint8_t* routes = nullptr;  // as `output`; null when no gradient will be asked for
  int64_t output_image = 0;
  const int64_t* output_places = nullptr;
  int64_t places = 0;
  int64_t images = 0;
  int64_t window_rows = 0;
  int64_t window_stride = 0;  // floats from one run to the next
  int64_t run = 0;
  const float* weights = nullptr;  // packed
  int64_t weights_first = 0;       // row of the packed matrix the first run starts with
  int64_t weights_stride = 0;      // rows from one run's first to the next's
  const float* bias = nullptr;     // packed
  Panels panels;
  bool relu = false;
};

// result[value][filter] (+)= sum over a rectangle of places of input × slope: the gradient of the
// weights of one tap (neighbouring `values`) or of scattered taps (`offsets` of each value).
struct Correlation {
  const float* input = nullptr;
  int64_t input_image = 0;
  int64_t input_row = 0;
  int64_t input_column = 0;
  const float* slopes = nullptr;
  int64_t slopes_image = 0;
  int64_t slopes_row = 0;
  int64_t images = 0;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t values = 0;
  const int64_t* offsets = nullptr;  // null: value v lies v floats behind the first
  int64_t filters = 0;
  int lanes = 1;
  float* result = nullptr;  // rows of whole groups, see `padded`
  bool add = false;
};

// Values along a side of a tile of Winograd's way, places of the output one gives, and how many
// matrices of products there are.
constexpr int kTileSide = 6;
constexpr int kTilePlaces = 4;
constexpr int kTileMatrices = kTileSide * kTileSide;

// A block of tiles of images that lie one behind the other. What they are transformed into is
// kTileMatrices matrices of tiles × channels, `matrix` floats from one to the next.
struct Tiling {
  int64_t rows = 0;  // of an image
  int64_t columns = 0;
  int64_t channels = 0;
  int64_t first_row = 0;  // where an image's first tile begins: at minus the padding
  int64_t first_column = 0;
  int64_t down = 0;  // tiles of an image
  int64_t across = 0;
  int64_t first = 0;  // of the block, counted over all images
  int64_t count = 0;
  int64_t matrix = 0;
  const float* zeros = nullptr;  // as many as channels: what is outside of an image
};

// Sums of products transformed back into places of the images of a tiling.
struct TileOutputs {
  const float* from = nullptr;
  const float* bias = nullptr;  // packed
  float* to = nullptr;
  uint8_t* routes = nullptr;  // as `to`; null when no gradient will be asked for
  bool relu = false;
};

// Weights of 3 × 3 taps, `panels.rows` × `panels.filters` for each, and their packed counterparts.
struct TileWeights {
  const float* from = nullptr;
  float* to = nullptr;
  int64_t matrix = 0;
  Panels panels;
};

// Sums over tiles, and the gradient of 3 × 3 taps' weights: `size` numbers for each, in rows of
// whole groups.
struct TileSums {
  const float* from = nullptr;
  int64_t matrix = 0;
  float* to = nullptr;
  int64_t size = 0;
  int lanes = 1;
};

// A convolution of 3 × 3 windows of one channel, pooled 2 × 2: of one image forward, of some images
// back. Windows lie within the input.
struct GreyLayer {
  const float* input = nullptr;
  int64_t input_image = 0;
  int64_t input_row = 0;
  int64_t images = 0;
  int64_t height = 0;  // of the pooled output
  int64_t width = 0;
  int64_t filters = 0;
  const float* weights = nullptr;  // taps × filters
  const float* bias = nullptr;
  bool relu = false;
  float* output = nullptr;
  uint8_t* routes = nullptr;
  const float* slopes = nullptr;  // gradient of the output
  const uint8_t* from_routes = nullptr;
  float* sums = nullptr;  // gradient of each tap and of the bias, rows of whole groups
  bool add = false;
};

// Rows of channels to normalize, and numbers for every channel.
struct Normalizing {
  const float* values = nullptr;
  const float* slopes = nullptr;  // gradient of the answers
  int64_t rows = 0;
  int64_t channels = 0;
  const float* scale = nullptr;  // an answer is value × scale + shift, rectified if asked for
  const float* shift = nullptr;
  const float* mean = nullptr;
  const float* by_value = nullptr;  // what a value's slope loses: value × by_value + constant
  const float* constant = nullptr;
  bool relu = false;
};

// The largest of every window of one image, and which place of the window it came from: written to
// `routes` on the way there, read from `from_routes` on the way back.
struct Pooling {
  const float* input = nullptr;
  float* output = nullptr;
  uint8_t* routes = nullptr;
  const uint8_t* from_routes = nullptr;
  int64_t height = 0;  // of the output
  int64_t width = 0;
  int64_t channels = 0;
  int64_t window_rows = 0;
  int64_t window_columns = 0;
  int64_t input_row = 0;  // floats from one input row to the next
  bool relu = false;
};

// Partial sums of a correlation: `count` matrices of rows of whole groups, and where the total
// goes.
struct Parts {
  const float* parts = nullptr;
  int64_t count = 0;
  int64_t stride = 0;  // floats from one part to the next
  int64_t filters = 0;
  int lanes = 1;
  float* total = nullptr;  // rows of `filters`
};

// result[row][column] = sum over the depth of left × right.
struct Product {
  const float* left = nullptr;
  int64_t left_row = 0;     // floats from one row to the next
  int64_t left_column = 0;  // floats from one depth to the next
  const float* right = nullptr;
  int64_t right_row = 0;  // floats from one depth to the next; columns are neighbours
  float* result = nullptr;
  int64_t result_row = 0;
  int64_t rows = 0;
  int64_t depth = 0;
  int64_t columns = 0;
};

// What is done to the sums of a product: `count` partial sums of rows × columns are added up.
struct Finishing {
  const float* parts = nullptr;
  int64_t count = 0;
  int64_t stride = 0;  // floats from one part to the next
  int64_t rows = 0;
  int64_t columns = 0;
  const float* bias = nullptr;
  bool relu = false;
  float* to = nullptr;
};

// The two least of every column of rows × columns values, and the row of the least. In a column
// with NaN both are, and the row is that of the first.
struct Least {
  const float* values = nullptr;
  int64_t columns = 0;
  int64_t rows = 0;
  int32_t* place = nullptr;
  float* first = nullptr;
  float* second = nullptr;
};

// values[row][column] += bias[column], rectified if asked for.
struct Settling {
  float* values = nullptr;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t row = 0;  // floats from one row to the next
  const float* bias = nullptr;
  bool relu = false;
};

// What pixels are transformed into: (pixel × scale − mean) ÷ deviation, one of both for each pixel.
struct Preparing {
  float scale = 1;
  const float* mean = nullptr;  // null when there is nothing to take off and to divide by
  const float* deviation = nullptr;
};

// The numbers of an Adam step: shares of the new slope in both moments, and the step's length with
// the correction of both for their start from zero.
struct Adam {
  float first = 0;
  float second = 0;
  float rate = 0;
  float epsilon = 0;
};

// Which values a dropout leaves: those whose hash is below `least`.
struct Dropping {
  uint32_t seed[2] = {0, 0};
  uint32_t least = 0;
  float keep = 1;  // what the others are divided by
};

struct Steps {
  const char* name;
  int lanes;
  void (*multiply)(const Multiplication&);
  void (*correlate)(const Correlation&);
  void (*transform_inputs)(const Tiling&, const float* images, float* to);
  void (*transform_gradients)(const Tiling&, const float* slopes, float* to);
  void (*transform_kernels)(const TileWeights&, int64_t first_row, int64_t last_row);
  // Whether all that was transformed is finite.
  bool (*transform_outputs)(const Tiling&, const TileOutputs&);
  bool (*transform_kernel_gradient)(const TileSums&);
  // Whether all sums were numbers; if not, the output is not to be used.
  bool (*grey_layer)(const GreyLayer&);
  void (*grey_gradient)(const GreyLayer&);
  // The mean of every channel, the sum of squares around it, and what the values around it sum up
  // to: the mean is not exact.
  void (*moments)(const Normalizing&, float* mean, float* squares, float* rest);
  void (*scale_rows)(const Normalizing&, float* to);
  // The sum of every channel's slopes, and of their products with value − mean.
  void (*slope_sums)(const Normalizing&, float* plain, float* away);
  void (*scale_slopes)(const Normalizing&, float* to);
  void (*pool)(const Pooling&);
  // spread = slopes along the routes, zero elsewhere in the windows.
  void (*unpool)(const Pooling&, const float* slopes, float* spread);
  // spread[i] = slopes[i] where routes[i] lets it through.
  void (*unrectify)(const float* slopes, const uint8_t* routes, float* spread, int64_t count);
  // The gradient of the bias: a correlation with ones, into one row of whole groups.
  void (*add_places)(const Correlation&);
  // total[row][filter] = sum of that number over all parts, in the order of the parts.
  void (*add_parts)(const Parts&, int64_t first_row, int64_t last_row);
  void (*product)(const Product&);
  // result[column][row] instead; the right side has whole groups of the widest lanes.
  void (*product_across)(const Product&);
  // to[column][row] = from[row][column].
  void (*exchange)(const float* from, int64_t rows, int64_t columns, int64_t from_row, float* to,
                   int64_t to_row);
  void (*finish)(const Finishing&);
  void (*settle)(const Settling&);
  void (*prepare)(const Preparing&, const uint8_t* from, float* to, int64_t count);
  void (*least_two)(const Least&);
  // spread[i] = slopes[i] where outputs[i] is above zero.
  void (*switch_off)(const float* slopes, const float* outputs, float* spread, int64_t count);
  // sums[column] = sum over the rows.
  void (*add_rows)(const float* from, int64_t rows, int64_t columns, float* sums);
  void (*adam)(const Adam&, float* weights, float* momentums, float* velocities,
               const float* slopes, int64_t count);
  // The values are numbers `first` and following of their array.
  void (*drop)(const Dropping&, const float* from, float* to, int64_t first, int64_t count);
};

// How many lanes a row of `filters` numbers is worked on with: as many as fit.
constexpr int lanes_for(int64_t filters, int widest) {
  int lanes = widest;
  while (lanes > filters || lanes == 2) lanes /= 2;
  return lanes;
}

// Length of a row of whole groups, the last filled up. Sums that are added to must not overlap.
constexpr int64_t padded(int64_t filters, int lanes) {
  return (filters + lanes - 1) / lanes * lanes;
}

}  // namespace hangtag

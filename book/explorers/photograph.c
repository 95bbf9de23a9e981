// The photo network of chapter 9 for one picture: all arithmetic of the explorer "Your own photograph", compiled to
// WebAssembly by tools/compiler.py.
//
// A convolution and the batch normalization behind it are one here: the normalization multiplies and adds numbers that
// are fixed after training, so the build of the site has multiplied the kernels by them (book/networks.py). Maps lie in
// memory as in Keras, (rows, columns, maps), and so do kernels, (rows, columns, from, to), each before its biases.
#include <stdint.h>

enum { SIDE = 96, CLASSES = 2, WEIGHTS = 885186 };
enum { ACROSS = 6, LANES = 8 }; // a processor has room for the sums of 6 places by 8 maps; all our sizes divide by them
typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
#define EIGHT(place) (*(eight *)(place))

uint16_t halves[WEIGHTS]; // the weights as they come: 16 bits each
float picture[SIDE * SIDE * 3], logits[CLASSES];
float stem_relu[48 * 48 * 32], block1[48 * 48 * 32], block2[24 * 24 * 64], block3[12 * 12 * 128], block4[6 * 6 * 192];
float weights[WEIGHTS];
static float means[192], padded[50 * 50 * 32], changed[48 * 48 * 32], again[24 * 24 * 64], kept[24 * 24 * 64];
static const float *next; // the weights not yet used

// float16 to float32: a sign, 5 bits of exponent, 10 of fraction; 2^112 makes up for the smaller exponent.
static float from_half(uint16_t half) {
  union { uint32_t bits; float number; } word = {.bits = (uint32_t)(half & 0x7fff) << 13};
  return (half & 0x8000 ? -word.number : word.number) * 0x1p112f;
}

void unpack(void) {
  for (int i = 0; i < WEIGHTS; i++) weights[i] = from_half(halves[i]);
}

// Put a border of zeros around maps.
static void pad(const float *x, int side, int maps) {
  int row = (side + 2) * maps;
  for (int i = 0; i < (side + 2) * row; i++) padded[i] = 0;
  for (int y = 0; y < side; y++) {
    for (int i = 0; i < side * maps; i++) padded[(y + 1) * row + maps + i] = x[y * side * maps + i];
  }
}

// Convolve `in` maps with kernels of 3x3 or 1x1 and add the biases, at every place (stride 1) or at every second one of
// each row and column (stride 2). Where a picture is halved, Keras begins with the window that no zero is in, but at the
// end.
static void convolve(const float *x, int side, int in, int out, int size, int stride, float *y) {
  const float *kernel = next, *biases = next + size * size * in * out;
  int width = size == 3 ? side + 2 : side, first = size == 3 && stride == 2 ? 1 : 0, side_out = side / stride;
  if (size == 3) pad(x, side, in);
  const float *from = size == 3 ? padded : x;
  for (int map = 0; map < out; map += LANES) {
    for (int row = 0; row < side_out; row++) {
      for (int column = 0; column < side_out; column += ACROSS) {
        const float *window = from + ((row * stride + first) * width + column * stride + first) * in;
        eight sums[ACROSS];
        for (int place = 0; place < ACROSS; place++) sums[place] = EIGHT(biases + map);
        for (int dy = 0; dy < size; dy++) {
          const float *numbers = window + dy * width * in, *factors = kernel + dy * size * in * out + map;
          for (int i = 0; i < size * in; i++) { // a window's row: its places, and of each all maps
            eight factor = EIGHT(factors + i * out);
            for (int place = 0; place < ACROSS; place++) sums[place] += numbers[place * stride * in + i] * factor;
          }
        }
        for (int place = 0; place < ACROSS; place++) {
          EIGHT(y + (row * side_out + column + place) * out + map) = sums[place];
        }
      }
    }
  }
  next = biases + out;
}

static void relu(float *y, int length) {
  for (int i = 0; i < length; i++) y[i] = y[i] < 0 ? 0 : y[i];
}

// The mean of each window of 2x2.
static void halve(const float *x, int side, int maps, float *y) {
  for (int row = 0; row < side / 2; row++) {
    for (int column = 0; column < side / 2; column++) {
      const float *a = x + (2 * row * side + 2 * column) * maps, *b = a + side * maps;
      for (int i = 0; i < maps; i++) *y++ = (a[i] + a[maps + i] + b[i] + b[maps + i]) / 4;
    }
  }
}

// A residual block: what two convolutions make of the maps is added to the maps, or to what is left of them when they
// are halved. With stride 2 it also widens: `out` maps come of `in`.
static void block(const float *x, int side, int in, int out, int stride, float *y) {
  int side_out = side / stride, length = side_out * side_out * out;
  convolve(x, side, in, out, 3, stride, changed);
  relu(changed, length);
  convolve(changed, side_out, out, out, 3, 1, y);
  if (stride == 2) {
    halve(x, side, in, again);
    convolve(again, side_out, in, out, 1, 1, kept);
    x = kept;
  }
  for (int i = 0; i < length; i++) y[i] += x[i];
  relu(y, length);
}

// From the picture to the logits of cat and dog; the maps on the way stay to be looked at.
void forward(void) {
  next = weights;
  convolve(picture, SIDE, 3, 32, 3, 2, stem_relu);
  relu(stem_relu, 48 * 48 * 32);
  block(stem_relu, 48, 32, 32, 1, block1);
  block(block1, 48, 32, 64, 2, block2);
  block(block2, 24, 64, 128, 2, block3);
  block(block3, 12, 128, 192, 2, block4);
  for (int map = 0; map < 192; map++) {
    float sum = 0;
    for (int place = 0; place < 36; place++) sum += block4[place * 192 + map];
    means[map] = sum / 36;
  }
  for (int class = 0; class < CLASSES; class++) {
    logits[class] = next[192 * CLASSES + class];
    for (int map = 0; map < 192; map++) logits[class] += means[map] * next[map * CLASSES + class];
  }
}

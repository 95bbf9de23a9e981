// LeNet-5 learns: all arithmetic of the explorer "Watch it learn", compiled to WebAssembly by tools/compiler.py.
//
// Every engine, and NumPy (cnn_course/bitwise.py), finds the same bits: numbers are float32, each product and each sum is
// rounded at once, and sums are taken in the order that stands here. A long sum of neighbors is taken as eight sums,
// whose order is fixed as well, because a processor takes four or eight numbers at a time. To leave out a product with
// zero changes no sum. An array of weights has the order of Keras: conv1, conv3, dense6, dense7, logits, each layer's
// kernel (rows, columns, from, to) before its biases.
#include <stdint.h>

enum { TRAIN = 8000, TEST = 1000, PIXELS = 784, CLASSES = 10, BATCH = 256, WEIGHTS = 44530, ROOM = 8 };
enum { LENET5, MLP };
enum { SGD, MOMENTUM, ADAM };
typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
#define EIGHT(place) (*(eight *)(place))

uint8_t pixels[TRAIN + TEST][PIXELS], labels[TRAIN + TEST], answers[TEST]; // what to read, and as what it was read
float weights[WEIGHTS + ROOM], gradient[WEIGHTS + ROOM];
uint8_t alive[226]; // the maps, then the units of the hidden layers: was one ever above zero?

// The two networks end in dense layers. `units[i]` holds what enters dense layer i, `slopes[i]` how the loss rises with
// it, for each picture of a batch; after the last layer these are the logits.
static float units[4][BATCH][PIXELS + ROOM], slopes[4][BATCH][PIXELS + ROOM];
static int network, depth, sizes[4], dense_start, count; // count: of the weights
static float first_moment[WEIGHTS], second_moment[WEIGHTS], power1, power2;
static uint32_t state;
static int order[TRAIN], next_picture;

// Chance, the exponential and the logarithm: one's own, since those of computers differ ------------------------------

// SplitMix (Steele, Lea and Flood, 2014) with the last steps of MurmurHash3.
static uint32_t random_bits(void) {
  uint32_t bits = state += 0x9e3779b9;
  bits = (bits ^ bits >> 16) * 0x85ebca6b;
  bits = (bits ^ bits >> 13) * 0xc2b2ae35;
  return bits ^ bits >> 16;
}

static void shuffle(void) {
  for (int i = TRAIN - 1; i > 0; i--) {
    int j = random_bits() % (i + 1), other = order[j];
    order[j] = order[i];
    order[i] = other;
  }
  next_picture = 0;
}

typedef union { float number; int32_t bits; } word;

// exp(x) for x <= 0: 2^n times a polynomial (S. L. Moshier, Cephes).
static float exponential(float x) {
  if (x < -87) return 0;
  float n = __builtin_floorf(x * 1.44269504f + 0.5f);
  float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  word power = {.bits = ((int32_t)n + 127) << 23};
  return (p * r * r + r + 1) * power.number;
}

// log(x) for x >= 1, in the same way.
static float logarithm(float x) {
  word mantissa = {x};
  float n = (mantissa.bits >> 23) - 126;
  mantissa.bits = (mantissa.bits & 0x7fffff) | 0x3f000000; // from 0.5 to 1
  float m = mantissa.number;
  if (m < 0.707106781f) {
    n = n - 1;
    m = m + m;
  }
  m = m - 1;
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  float square = m * m;
  return m + (p * m * square + n * -2.12194440e-4f - 0.5f * square) + n * 0.693359375f;
}

// Dense layers ----------------------------------------------------------------------------------------------------------

static void dense(const float *x, const float *kernel, int in, int out, float *restrict y) {
  for (int j = 0; j < out; j++) y[j] = kernel[in * out + j]; // the biases
  for (int i = 0; i < in; i++) {
    if (x[i] == 0) continue;
    for (int j = 0; j < out; j++) y[j] += x[i] * kernel[i * out + j];
  }
}

static void relu(float *y, int length) {
  for (int j = 0; j < length; j++) y[j] = y[j] < 0 ? 0 : y[j];
}

static float dot(const float *a, const float *b, int length) {
  eight sums = {0};
  int i = 0;
  for (; i + 8 <= length; i += 8) sums += EIGHT(a + i) * EIGHT(b + i);
  for (int lane = 0; i < length; i++, lane++) sums[lane] += a[i] * b[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

// How the loss rises with what enters a layer; zero where ReLU gave zero.
static void dense_slopes(const float *x, const float *kernel, int in, int out, const float *dy, float *dx) {
  for (int i = 0; i < in; i++) dx[i] = x[i] > 0 ? dot(kernel + i * out, dy, out) : 0;
}

// How it rises with the kernel and the biases: a sum over the pictures of a batch.
static void dense_gradient(int layer, int batch, float *restrict sums) {
  int in = sizes[layer], out = sizes[layer + 1];
  for (int i = 0; i <= in; i++) {
    for (int b = 0; b < batch; b++) {
      float x = i < in ? units[layer][b][i] : 1, *dy = slopes[layer + 1][b];
      if (x == 0) continue;
      for (int j = 0; j < out; j++) sums[i * out + j] += x * dy[j];
    }
  }
}

// Convolutions with max pooling and ReLU, for one picture ------------------------------------------------------------

static float image[PIXELS + ROOM], pool2[12 * 72 + ROOM]; // rows, columns, 6 maps
static uint8_t winner2[12 * 72], winner4[256]; // which number of its window (0 to 3) the pooling took
static float turned[16][5][32]; // conv3's kernels, one by one: 5 rows of 30 numbers

static float largest(const float *a, const float *b, int step, uint8_t *winner) {
  float window[4] = {a[0], a[step], b[0], b[step]}, most = window[0];
  *winner = 0;
  for (int i = 1; i < 4; i++) {
    if (window[i] > most) most = window[*winner = i];
  }
  return most < 0 ? 0 : most;
}

static void convolve1(void) {
  for (int map = 0; map < 6; map++) {
    for (int row = 0; row < 12; row++) {
      float lines[2][24];
      eight sums[2][3];
      for (int i = 0; i < 6; i++) sums[i / 3][i % 3] = (eight){0} + weights[150 + map];
      for (int tap = 0; tap < 25; tap++) {
        const float *from = image + (2 * row + tap / 5) * 28 + tap % 5;
        for (int i = 0; i < 6; i++) sums[i / 3][i % 3] += weights[tap * 6 + map] * EIGHT(from + i / 3 * 28 + i % 3 * 8);
      }
      for (int i = 0; i < 6; i++) EIGHT(&lines[i / 3][i % 3 * 8]) = sums[i / 3][i % 3];
      for (int column = 0; column < 12; column++) {
        int at = (row * 12 + column) * 6 + map;
        pool2[at] = largest(&lines[0][2 * column], &lines[1][2 * column], 1, &winner2[at]);
      }
    }
  }
}

static void convolve3(float *pool4) {
  float *kernel = weights + 156, *bias = kernel + 2400, lines[2][8 * 16];
  for (int y = 0; y < 8; y++) {
    for (int x = 0; x < 8; x += 2) { // two places at a time
      eight a0 = EIGHT(bias), a1 = EIGHT(bias + 8), b0 = a0, b1 = a1;
      for (int down = 0; down < 5; down++) {
        const float *from = pool2 + (y + down) * 72 + x * 6, *tap = kernel + down * 30 * 16;
        for (int i = 0; i < 30; i++, tap += 16) {
          a0 += from[i] * EIGHT(tap);
          a1 += from[i] * EIGHT(tap + 8);
          b0 += from[i + 6] * EIGHT(tap);
          b1 += from[i + 6] * EIGHT(tap + 8);
        }
      }
      float *to = &lines[y % 2][x * 16];
      EIGHT(to) = a0, EIGHT(to + 8) = a1, EIGHT(to + 16) = b0, EIGHT(to + 24) = b1;
    }
    for (int i = 0; y % 2 && i < 64; i++) {
      int at = (i / 16) * 32 + i % 16, to = y / 2 * 64 + i;
      pool4[to] = largest(&lines[0][at], &lines[1][at], 16, &winner4[to]);
    }
  }
}

// Only the number that a pooling took has a slope. Going back, each adds its part to the kernel and to what came in.
static void convolutions_back(const float *pool4_slopes) {
  float sums3[16][5][32] = {0}, bias3[16] = {0}, bias1[6] = {0}, pool2_slopes[12 * 72 + ROOM] = {0};
  eight sums1[6][5] = {0};
  for (int i = 0; i < 256; i++) {
    float slope = pool4_slopes[i];
    int map = i % 16, y = i / 64 * 2 + winner4[i] / 2, x = i / 16 % 4 * 2 + winner4[i] % 2;
    if (slope == 0) continue;
    bias3[map] += slope;
    for (int down = 0; down < 5; down++) {
      int at = (y + down) * 72 + x * 6;
      for (int k = 0; k < 32; k += 8) {
        EIGHT(&sums3[map][down][k]) += slope * EIGHT(pool2 + at + k);
        EIGHT(pool2_slopes + at + k) += slope * EIGHT(&turned[map][down][k]);
      }
    }
  }
  for (int i = 0; i < 864; i++) {
    int map = i % 6, y = i / 72 * 2 + winner2[i] / 2, x = i / 6 % 12 * 2 + winner2[i] % 2;
    if (pool2[i] == 0) continue;
    bias1[map] += pool2_slopes[i];
    for (int down = 0; down < 5; down++) sums1[map][down] += pool2_slopes[i] * EIGHT(image + (y + down) * 28 + x);
  }
  for (int i = 0; i < 150; i++) gradient[i] += sums1[i % 6][i / 30][i / 6 % 5];
  for (int i = 0; i < 6; i++) gradient[150 + i] += bias1[i];
  for (int i = 0; i < 2400; i++) gradient[156 + i] += sums3[i % 16][i / 480][i / 16 % 30];
  for (int i = 0; i < 16; i++) gradient[2556 + i] += bias3[i];
}

// The network ---------------------------------------------------------------------------------------------------------

static void forward(int picture, int b) {
  float *input = network == LENET5 ? image : units[0][b], *kernel = weights + dense_start;
  for (int i = 0; i < PIXELS; i++) input[i] = pixels[picture][i] / 255.0f;
  if (network == LENET5) {
    convolve1();
    convolve3(units[0][b]);
  }
  for (int layer = 0; layer < depth; layer++) {
    int in = sizes[layer], out = sizes[layer + 1];
    dense(units[layer][b], kernel, in, out, units[layer + 1][b]);
    if (layer + 1 < depth) relu(units[layer + 1][b], out);
    kernel += (in + 1) * out;
  }
}

// The cross-entropy of one picture, and how the mean over the batch rises with the logits.
static float loss_of(int b, int label, int batch) {
  float *logits = units[depth][b], powers[CLASSES], sum = 0, most = logits[0];
  for (int i = 1; i < CLASSES; i++) most = logits[i] > most ? logits[i] : most;
  for (int i = 0; i < CLASSES; i++) sum += powers[i] = exponential(logits[i] - most);
  for (int i = 0; i < CLASSES; i++) slopes[depth][b][i] = (powers[i] / sum - (i == label)) / batch;
  return logarithm(sum) - (logits[label] - most);
}

static void backward(int b) {
  float *kernel = weights + count;
  for (int layer = depth - 1; layer >= 0; layer--) {
    int in = sizes[layer], out = sizes[layer + 1];
    kernel -= (in + 1) * out;
    if (layer == 0 && network == MLP) return; // nobody asks how the loss rises with a pixel
    dense_slopes(units[layer][b], kernel, in, out, slopes[layer + 1][b], slopes[layer][b]);
  }
  convolutions_back(slopes[0][b]);
}

// Change the weights as Keras' SGD, with or without a momentum of 0.9, and Adam do.
static void update(int optimizer, float rate) {
  power1 *= 0.9f;
  power2 *= 0.999f;
  float adam_rate = rate * __builtin_sqrtf(1 - power2) / (1 - power1);
  for (int i = 0; i < count; i++) {
    float slope = gradient[i];
    if (optimizer == SGD) {
      weights[i] -= rate * slope;
    } else if (optimizer == MOMENTUM) {
      first_moment[i] = 0.9f * first_moment[i] - rate * slope;
      weights[i] += first_moment[i];
    } else {
      first_moment[i] += (slope - first_moment[i]) * 0.1f;
      second_moment[i] += (slope * slope - second_moment[i]) * 0.001f;
      weights[i] -= adam_rate * first_moment[i] / (__builtin_sqrtf(second_moment[i]) + 1e-7f);
    }
  }
}

// Fill a layer: evenly distributed numbers (X. Glorot and Y. Bengio, 2010), and biases of zero.
static float *fill(float *place, int length, int in, int out, int biases) {
  float limit = __builtin_sqrtf(6.0f / (in + out));
  for (int i = 0; i < length; i++) *place++ = ((random_bits() >> 8) * 0x1p-23f - 1) * limit;
  for (int i = 0; i < biases; i++) *place++ = 0;
  return place;
}

// Begin anew with a network and a seed; return how many weights it has.
int start(int chosen, uint32_t seed) {
  static const int ends[2][4] = {{256, 120, 84, CLASSES}, {PIXELS, 56, CLASSES}};
  float *place = weights;
  network = chosen;
  depth = network == LENET5 ? 3 : 2;
  state = seed;
  if (network == LENET5) {
    place = fill(place, 150, 25, 150, 6);
    place = fill(place, 2400, 150, 400, 16);
  }
  dense_start = place - weights;
  for (int i = 0; i <= depth; i++) sizes[i] = ends[network][i];
  for (int i = 0; i < depth; i++) place = fill(place, sizes[i] * sizes[i + 1], sizes[i], sizes[i + 1], sizes[i + 1]);
  count = place - weights;
  for (int i = 0; i < WEIGHTS; i++) first_moment[i] = second_moment[i] = gradient[i] = 0;
  power1 = power2 = 1;
  for (int i = 0; i < TRAIN; i++) order[i] = i;
  shuffle();
  return count;
}

// Learn from the next `batch` pictures, and return their mean loss. What is too few for a batch at the end waits: the
// pictures are shuffled again.
float step(int optimizer, float rate, int batch) {
  float loss = 0;
  if (next_picture + batch > TRAIN) shuffle();
  for (int i = 0; i < WEIGHTS; i++) gradient[i] = 0;
  for (int i = 0; i < 2400; i++) turned[i % 16][i / 480][i / 16 % 30] = weights[156 + i];
  for (int b = 0; b < batch; b++) {
    int picture = order[next_picture++];
    forward(picture, b);
    loss += loss_of(b, labels[picture], batch);
    backward(b);
  }
  float *place = gradient + dense_start;
  for (int layer = 0; layer < depth; layer++) {
    dense_gradient(layer, batch, place);
    place += (sizes[layer] + 1) * sizes[layer + 1];
  }
  update(optimizer, rate);
  return loss / batch;
}

// Read the pictures that were kept apart into `answers`; return how many are read rightly. Fill `alive`.
int score(void) {
  int right = 0;
  for (unsigned i = 0; i < sizeof alive; i++) alive[i] = 0;
  for (int i = 0; i < TEST; i++) {
    uint8_t *unit = alive;
    forward(TRAIN + i, 0);
    if (network == LENET5) {
      for (int k = 0; k < 864; k++) unit[k % 6] |= pool2[k] > 0;
      for (int k = 0; k < 256; k++) unit[6 + k % 16] |= units[0][0][k] > 0;
      unit += 22;
    }
    for (int layer = 1; layer < depth; unit += sizes[layer++]) {
      for (int k = 0; k < sizes[layer]; k++) unit[k] |= units[layer][0][k] > 0;
    }
    float *logits = units[depth][0];
    for (int k = answers[i] = 0; k < CLASSES; k++) answers[i] = logits[k] > logits[answers[i]] ? k : answers[i];
    right += answers[i] == labels[TRAIN + i];
  }
  return right;
}

// What draw_marks paints, where, and what it leaves alone.
#include "draw/overlay.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "draw/detail/typesetter.h"
#include "draw/detail/utf8.h"
#include "media/new_frame.h"
#include "pixel/color.h"

namespace pasu::draw {
namespace {

using media::Frame;
using media::PixelFormat;

constexpr PixelFormat kFormats[] = {PixelFormat::i420, PixelFormat::i422,  PixelFormat::i444,
                                    PixelFormat::nv12, PixelFormat::gray8, PixelFormat::rgb24,
                                    PixelFormat::bgr24};

Frame flat_frame(PixelFormat format, int width, int height, uint8_t value = 60) {
  media::NewFrame out = media::new_frame(format, width, height);
  for (int p = 0; p < media::plane_count(format); ++p) {
    const auto i = static_cast<size_t>(p);
    const auto [w, h] = media::plane_size(format, width, height, p);
    std::fill_n(out.planes[i], static_cast<size_t>(out.frame.planes[i].stride * h), value);
    (void)w;
  }
  return std::move(out.frame);
}

/// The samples of a pixel: Y, U, V or R, G, B.
std::vector<int> pixel(const Frame& f, int x, int y) {
  const auto at = [&](size_t p, int column, int row) {
    return static_cast<int>(f.planes[p].data[row * f.planes[p].stride + column]);
  };
  switch (f.format) {
    case PixelFormat::gray8:
      return {at(0, x, y)};
    case PixelFormat::rgb24:
      return {at(0, 3 * x, y), at(0, 3 * x + 1, y), at(0, 3 * x + 2, y)};
    case PixelFormat::bgr24:
      return {at(0, 3 * x + 2, y), at(0, 3 * x + 1, y), at(0, 3 * x, y)};
    case PixelFormat::nv12:
      return {at(0, x, y), at(1, x / 2 * 2, y / 2), at(1, x / 2 * 2 + 1, y / 2)};
    case PixelFormat::i420:
      return {at(0, x, y), at(1, x / 2, y / 2), at(2, x / 2, y / 2)};
    case PixelFormat::i422:
      return {at(0, x, y), at(1, x / 2, y), at(2, x / 2, y)};
    case PixelFormat::i444:
      return {at(0, x, y), at(1, x, y), at(2, x, y)};
  }
  return {};
}

std::vector<int> expected(const Frame& f, uint32_t rgb) {
  if (f.format == PixelFormat::rgb24 || f.format == PixelFormat::bgr24)
    return {static_cast<int>(rgb >> 16), static_cast<int>(rgb >> 8 & 255),
            static_cast<int>(rgb & 255)};
  const auto yuv = pixel::yuv_of_rgb(rgb, f.matrix, f.full_range);
  if (f.format == PixelFormat::gray8) return {yuv[0]};
  return {yuv[0], yuv[1], yuv[2]};
}

bool same_pixels(const Frame& a, const Frame& b) {
  for (int y = 0; y < a.height; ++y)
    for (int x = 0; x < a.width; ++x)
      if (pixel(a, x, y) != pixel(b, x, y)) return false;
  return true;
}

TEST(Palette, IsOkabeAndItos) {
  EXPECT_EQ(palette_color(0), 0xE69F00u);
  EXPECT_EQ(palette_color(6), 0xCC79A7u);
  EXPECT_EQ(palette_color(7), palette_color(0));
  (void)palette_color(std::numeric_limits<uint32_t>::max());
}

TEST(Overlay, OutlineInTheColourInsideUntouchedOriginalToo) {
  for (const PixelFormat format : kFormats)
    for (const auto& [width, height] : {std::pair{200, 160}, std::pair{201, 161}}) {
      SCOPED_TRACE(std::to_string(static_cast<int>(format)) + " " + std::to_string(width));
      Frame frame = flat_frame(format, width, height);
      frame.matrix = media::ColorMatrix::bt709;
      const std::vector<int> ground = pixel(frame, 0, 0);
      const Mark mark{{40, 30, 100, 80}, "", 1};
      const Frame out = draw_marks(frame, {&mark, 1});
      EXPECT_EQ(out.format, format);
      EXPECT_EQ(out.width, width);
      EXPECT_EQ(out.height, height);
      EXPECT_TRUE(same_pixels(frame, flat_frame(format, width, height)));
      const auto color = expected(out, palette_color(1));
      for (int line = 0; line < 2; ++line) {
        EXPECT_EQ(pixel(out, 90, 30 + line), color);
        EXPECT_EQ(pixel(out, 90, 109 - line), color);
        EXPECT_EQ(pixel(out, 40 + line, 70), color);
        EXPECT_EQ(pixel(out, 139 - line, 70), color);
      }
      for (int y = 36; y < 104; ++y)
        for (int x = 46; x < 134; ++x) ASSERT_EQ(pixel(out, x, y), ground) << x << ' ' << y;
      for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
          if (x < 38 || x >= 142 || y < 28 || y >= 112) {
            ASSERT_EQ(pixel(out, x, y), ground) << x << ' ' << y;
          }
    }
}

TEST(Overlay, ChromaAtTheEdgesOfOddPicturesIsWhole) {
  for (const PixelFormat format : {PixelFormat::i420, PixelFormat::nv12, PixelFormat::i422}) {
    Frame frame = flat_frame(format, 101, 61);
    const Mark over_all{{-20, -20, 1000, 1000}, "", 5};
    EXPECT_TRUE(same_pixels(draw_marks(frame, {&over_all, 1}), frame));
    // A box of two pixels at the last pixel reaches out of the picture.
    const Mark corner{{100, 60, 1, 1}, "", 5};
    const Frame out = draw_marks(frame, {&corner, 1});
    EXPECT_EQ(pixel(out, 100, 60), expected(out, palette_color(5)));
    EXPECT_EQ(pixel(out, 90, 60), pixel(frame, 90, 60));
    // A label reaches out too: its plate has one colour to the last column.
    const Mark label{{60, 40, 30, 10}, "wwwwwwwwwwww", 5};
    const Frame labelled = draw_marks(frame, {&label, 1});
    EXPECT_EQ(pixel(labelled, 100, 25), pixel(labelled, 50, 25));
    EXPECT_EQ(pixel(labelled, 100, 25), expected(out, palette_color(5)));
  }
}

TEST(Overlay, KeepsWhatTheFrameSaysOfItself) {
  Frame frame = flat_frame(PixelFormat::i420, 32, 32);
  frame.full_range = true;
  frame.key = true;
  frame.damaged = true;
  frame.matrix = media::ColorMatrix::bt709;
  frame.pts = media::Pts{12345};
  const Frame out = draw_marks(frame, {});
  EXPECT_TRUE(out.full_range && out.key && out.damaged);
  EXPECT_EQ(out.matrix, frame.matrix);
  EXPECT_EQ(out.pts, frame.pts);
  EXPECT_NE(out.planes[0].data, frame.planes[0].data);
  EXPECT_TRUE(same_pixels(out, frame));
  EXPECT_FALSE(draw_marks(Frame(), {}));
}

TEST(Overlay, LabelAboveOrInsideWhereThereIsNoRoom) {
  const Frame frame = flat_frame(PixelFormat::i444, 300, 240);
  const auto changed = [&](const Frame& out, int x, int y) {
    return pixel(out, x, y) != pixel(frame, x, y);
  };
  const Mark below_top{{40, 100, 120, 60}, "7", 3};
  Frame out = draw_marks(frame, {&below_top, 1});
  EXPECT_EQ(pixel(out, 42, 94), expected(out, palette_color(3)));
  EXPECT_FALSE(changed(out, 44, 108));

  const Mark at_top{{40, 2, 120, 60}, "7", 3};
  out = draw_marks(frame, {&at_top, 1});
  EXPECT_EQ(pixel(out, 43, 12), expected(out, palette_color(3)));

  // At the right edge the label moves in.
  const Mark at_right{{290, 100, 120, 60}, "12345", 3};
  out = draw_marks(frame, {&at_right, 1});
  EXPECT_TRUE(changed(out, 270, 92));
  EXPECT_TRUE(changed(out, 298, 92));
}

TEST(Overlay, TextIsDrawn) {
  const Frame frame = flat_frame(PixelFormat::gray8, 300, 240);
  const Mark a{{40, 100, 120, 60}, "12", 3};
  const Mark b{{40, 100, 120, 60}, "21", 3};
  EXPECT_FALSE(same_pixels(draw_marks(frame, {&a, 1}), draw_marks(frame, {&b, 1})));
}

TEST(Overlay, OddMarksDoNoHarm) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  const float huge = std::numeric_limits<float>::max();
  const std::vector<Mark> unseen{{{nan, 0, 10, 10}, "a", 0},   {{0, nan, 10, 10}, "a", 0},
                                 {{0, 0, nan, 10}, "a", 0},    {{0, 0, 10, nan}, "a", 0},
                                 {{-inf, 0, inf, 10}, "a", 0}, {{5, 5, 0, 10}, "a", 0},
                                 {{5, 5, -5, 10}, "a", 0},     {{100, 5, 10, 10}, "a", 0},
                                 {{5, -50, 10, 10}, "a", 0},   {{-huge, -huge, 1, 1}, "a", 0}};
  for (const auto& [width, height] : {std::pair{64, 48}, std::pair{1, 1}, std::pair{3, 7}})
    for (const PixelFormat format : kFormats) {
      const Frame frame = flat_frame(format, width, height);
      EXPECT_TRUE(same_pixels(draw_marks(frame, unseen), frame));
      const std::vector<Mark> seen{{{-huge, -huge, huge, huge}, "a", 0},
                                   {{0, 0, inf, huge}, std::string(5000, 'x'), 1},
                                   {{0.4f, 0.4f, 0.1f, 0.1f}, "b", 2},
                                   {{-10, -10, 30, 30}, "\xff\xc0", 3},
                                   {{0, 0, 64, 48}, std::string("\0\n\t", 3), 4}};
      (void)draw_marks(frame, seen);
    }
}

TEST(Overlay, ThousandsOfMarks) {
  const Frame frame = flat_frame(PixelFormat::nv12, 320, 240);
  std::vector<Mark> marks;
  for (uint32_t i = 0; i < 5000; ++i)
    marks.push_back(
        {{static_cast<float>(i % 300), static_cast<float>(i % 220), 20, 30}, std::to_string(i), i});
  EXPECT_FALSE(same_pixels(draw_marks(frame, marks), frame));
}

TEST(Overlay, FromManyThreads) {
  const Frame frame = flat_frame(PixelFormat::i420, 320, 240);
  const Mark mark{{40, 100, 120, 60}, "person 12 0.83", 5};
  const Frame want = draw_marks(frame, {&mark, 1});
  std::vector<std::thread> threads;
  std::vector<int> same(4);
  for (size_t t = 0; t < same.size(); ++t)
    threads.emplace_back([&, t] {
      bool all = true;
      for (int i = 0; i < 20; ++i) all &= same_pixels(draw_marks(frame, {&mark, 1}), want);
      same[t] = all;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(same, std::vector<int>(4, 1));
}

int painted(const Mask& mask) {
  int out = 0;
  for (const uint8_t alpha : mask.alpha) out += alpha;
  return out;
}

TEST(Typesetter, DrawsAsciiWithoutAnyFont) {
  Typesetter bare({"/nowhere/font.ttf"});
  const Mask zero = bare.line("0", 16);
  // A 0 of the built-in font, at twice its size: 5 x 7 pixels drawn 10 x 14.
  EXPECT_EQ(zero.width, 12);
  EXPECT_EQ(painted(zero) / 255, 4 * 19);
  for (char c = '!'; c < 0x7F; ++c) EXPECT_GT(painted(bare.line({&c, 1}, 16)), 0) << c;
  EXPECT_EQ(painted(bare.line(" ", 16)), 0);
  EXPECT_EQ(bare.line("", 16).width, 0);
  // What it has not is a frame, the same for all.
  EXPECT_EQ(bare.line("\xED\x95\x9C", 16).alpha, bare.line("\xEA\xB8\x80", 16).alpha);
}

TEST(Typesetter, KoreanFromTheSystemsFont) {
  const Mask han = Typesetter::of_system().line("\xED\x95\x9C", 24);
  const Mask geul = Typesetter::of_system().line("\xEA\xB8\x80", 24);
  if (han.alpha == geul.alpha) GTEST_SKIP() << "no Korean font is installed (fonts-nanum)";
  EXPECT_GT(han.width, 15);
}

TEST(Typesetter, LongLinesAreCutAndManyGlyphsForgotten) {
  Typesetter bare({});
  EXPECT_EQ(bare.line(std::string(5000, 'x'), 10).width,
            bare.line(std::string(Typesetter::kCharactersMax, 'x') + "...", 10).width);
  const Mask want = bare.line("A", 16);
  for (int pixels = 11; pixels < 60; ++pixels)
    for (char c = ' '; c < 0x7F; ++c) (void)bare.line({&c, 1}, pixels);
  EXPECT_EQ(bare.line("A", 16).alpha, want.alpha);
}

struct Utf8Case {
  const char* name;
  std::string bytes;
  std::u32string want;
};

// RFC 3629 3 and 10; Unicode 3.9 table 3-7.
const Utf8Case kUtf8[] = {
    {"empty", "", U""},
    {"ASCII", "a1", U"a1"},
    {"two bytes", "\xC2\xA3", U"\u00A3"},
    {"Hangul", "\xED\x95\x9C\xEA\xB8\x80", U"\uD55C\uAE00"},
    {"four bytes", "\xF0\x9F\x91\x81", U"\U0001F441"},
    {"U+FFFD itself",
     "\xEF\xBF\xBD"
     "a",
     U"\uFFFDa"},
    {"cut", "a\xED\x95", U"a\uFFFD\uFFFD"},
    {"stray continuation",
     "\x80"
     "a",
     U"\uFFFDa"},
    {"overlong slash", "\xC0\xAF", U"\uFFFD\uFFFD"},
    {"overlong of three", "\xE0\x80\xAF", U"\uFFFD\uFFFD\uFFFD"},
    {"surrogate", "\xED\xA0\x80", U"\uFFFD\uFFFD\uFFFD"},
    {"past the last", "\xF4\x90\x80\x80", U"\uFFFD\uFFFD\uFFFD\uFFFD"},
    {"no continuation",
     "\xE3"
     "abc",
     U"\uFFFDabc"},
};

TEST(Utf8, Table) {
  for (const Utf8Case& c : kUtf8) EXPECT_EQ(code_points(c.bytes), c.want) << c.name;
}

}  // namespace
}  // namespace pasu::draw

#include "cli/gop_strip.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace pasu::cli {
namespace {

constexpr const char* kBlocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr const char* kReset = "\033[0m";
constexpr const char* kDim = "\033[2m";

// Of the 256-colour palette: orange, yellow, blue, green, apart for colour-blind eyes as well.
const char* color_of(bits::PictureType type) {
  constexpr const char* kColors[] = {"\033[38;5;208m", "\033[38;5;220m", "\033[38;5;75m",
                                     "\033[38;5;71m"};
  return kColors[static_cast<size_t>(type)];
}

// Width of what row_head() gives.
constexpr int kHeadColumns = 44;
constexpr int kStripColumnsMin = 16;

std::string row_head(size_t index, const bits::Gop& gop) {
  return fmt::format("{:>5} {:>10} {:>7} {:>9}  {:<6}  ", index,
                     fmt::format("{:.3f}", media::to_seconds(gop.start)), gop.pictures,
                     bytes_text(static_cast<double>(gop.bytes)), gop.closed ? "closed" : "open");
}

}  // namespace

std::string GopStrip::add(const bits::Picture& picture, const bits::GopTally& tally, bool begins) {
  std::string text;
  if (begins && !signs_.empty()) text = draw(true);
  if (begins) index_ = tally.gops() - 1;
  gop_ = tally.gop();
  signs_.push_back({picture.type, picture.needs_previous_gop, picture.bytes});
  if (signs_.size() == kFramesMax) text += draw(false);
  return text;
}

std::string GopStrip::finish() {
  std::string text;
  if (!signs_.empty()) text = draw(true);
  if (drew_ && terminal_.color) text += legend();
  return text;
}

std::string GopStrip::draw(bool group_ends) {
  if (full_height_ == 0) {
    size_t biggest = 0;
    for (const Sign& sign : signs_) biggest = std::max(biggest, sign.bytes);
    full_height_ = 250;
    while (full_height_ * 2 <= biggest) full_height_ *= 2;
  }
  std::string text;
  if (!drew_) {
    text =
        fmt::format("{:>5} {:>10} {:>7} {:>9}  {:<6}\n", "GOP", "start (s)", "frames", "size", "");
    if (terminal_.color) text = kDim + text + kReset;
    drew_ = true;
  }
  // The head counts the whole group so far; a piece that goes on stands under it.
  text += continued_ ? std::string(kHeadColumns, ' ') : row_head(index_, gop_);
  const auto strip_columns = static_cast<size_t>(
      terminal_.interactive ? std::max(kStripColumnsMin, terminal_.columns - kHeadColumns - 1)
                            : static_cast<int>(kFramesMax));
  std::string color;
  for (size_t i = 0; i < signs_.size(); ++i) {
    if (i > 0 && i % strip_columns == 0) text += '\n' + std::string(kHeadColumns, ' ');
    text += sign_text(signs_[i], color);
  }
  if (!color.empty()) text += kReset;
  text += '\n';
  signs_.clear();
  continued_ = !group_ends;
  return text;
}

// `color` is the colour in force; it changes only where the type does.
std::string GopStrip::sign_text(const Sign& sign, std::string& color) const {
  if (!terminal_.color) return std::string(1, "IiPB"[static_cast<size_t>(sign.type)]);
  std::string text;
  if (const char* wanted = color_of(sign.type); color != wanted) {
    color = wanted;
    text = color;
  }
  // One eighth lower for each halving.
  int height = 7;
  for (size_t bytes = full_height_; bytes > sign.bytes && height > 0; bytes /= 2) --height;
  return text + kBlocks[height];
}

std::string GopStrip::legend() const {
  std::string text = "\n      ";
  for (const auto type :
       {bits::PictureType::idr, bits::PictureType::i, bits::PictureType::p, bits::PictureType::b}) {
    text += fmt::format("{}█{} {}   ", color_of(type), kReset, bits::to_string(type));
  }
  text += fmt::format("{}height: █ {} and more, each step down is half of it{}\n", kDim,
                      bytes_text(static_cast<double>(full_height_)), kReset);
  return text;
}

}  // namespace pasu::cli

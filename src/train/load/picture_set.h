// The pictures that training or validation draws from: several data sets, whole sources held out,
// decoded once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "media/frame.h"
#include "train/data/source.h"
#include "train/load/sample.h"

namespace pasu::train {

/// One data set, of any format that pasu data reads.
struct SetOptions {
  std::string path;       ///< As data::open_source() takes it.
  std::string name;       ///< In the names of pictures; empty: the folder's or file's.
  std::string split;      ///< Only the split of this name; empty: all of them.
  double weight = 1;      ///< How often each picture is drawn an epoch: 2 is twice, .5 every other.
  std::string images;     ///< The folder of pictures, where it is not found by itself.
  std::string label_map;  ///< A label map's file; records need one or bring names.
  /// Widths are multiplied by a factor drawn from here, for sets whose pictures were stretched to a
  /// square: {1.1, 1.5} undoes it. {1, 1}: the augmentation's own jitter alone.
  double stretch_min = 1, stretch_max = 1;
  bool operator==(const SetOptions&) const = default;
};

struct PictureSetOptions {
  std::vector<SetOptions> sets;
  /// Class names in the order of Truth::label; objects of others are left out. Empty: all that the
  /// sets have, in the order of their ids; sets must agree then.
  std::vector<std::string> classes;
  /// Patterns (* ? [a-z], as fnmatch(3)) of pictures that are held out, matched against
  /// "set/source", where `source` is what the annotations call the picture's origin, or the file's
  /// name where they do not say. Hold out whole cameras and sources: frames of one camera are much
  /// the same picture.
  std::vector<std::string> hold_out;
  enum class Part { all, kept, held_out };
  Part part = Part::all;  ///< Which pictures this set is of.

  /// Decoded pictures are kept until this is full, from then on decoded at each use. A share of a
  /// data set that fits saves that share of the decoding, which a cache that evicts would not.
  size_t cache_bytes_max = size_t{2} << 30;
  /// Larger pictures are scaled down once, after decoding: no network here sees finer detail, and
  /// they would fill the cache.
  int side_max = 1024;
  bool operator==(const PictureSetOptions&) const = default;
};

/// Where the boxes of a picture lie in the network's input when it is letterboxed plainly.
struct PlainSample {
  Sample sample;
  float scale_x = 1, scale_y = 1;  ///< Input pixels per picture pixel.
  float offset_x = 0, offset_y = 0;
};

/// Thread-safe once opened.
class PictureSet {
 public:
  /// Reads the annotations; no pixel yet. Errors: those of data::open_source(); invalid_argument
  /// (no picture is left, naming what was held out; a pattern that matches nothing; unknown split
  /// or class; sets whose class lists differ).
  [[nodiscard]] static Result<std::shared_ptr<PictureSet>> open(const PictureSetOptions& options);
  ~PictureSet();

  [[nodiscard]] const std::vector<std::string>& classes() const;
  [[nodiscard]] size_t size() const;
  [[nodiscard]] const SetOptions& set_of(size_t picture) const;
  /// "set/file".
  [[nodiscard]] const std::string& name(size_t picture) const;
  /// Objects in the pixels of the picture as annotated; categories are labels, from 0.
  [[nodiscard]] const data::Picture& picture(size_t picture) const;

  struct Decoded {
    media::Frame frame;
    float scale_x = 1, scale_y = 1;  ///< Frame pixels per pixel that the annotations count in.
  };
  /// From the cache or the file. Errors: not_found, io, malformed, unsupported, too_large; each
  /// names the picture.
  [[nodiscard]] Result<std::shared_ptr<const Decoded>> decode(size_t picture);

  /// The picture as the server would show it to the network: letterboxed, or filling the input.
  [[nodiscard]] Result<PlainSample> plain(size_t picture, geom::Size size, bool fill = false);

  struct Counts {
    uint64_t decoded = 0;     ///< Files decoded.
    uint64_t from_cache = 0;  ///< Uses that needed no decoding.
    uint64_t cache_bytes = 0;
    uint64_t failed = 0;       ///< Pictures found not to decode.
    uint64_t boxes_empty = 0;  ///< Left out as they were read: no width or no height.
  };
  [[nodiscard]] Counts counts() const;
  /// The first kFailuresMax pictures that did not decode, each as a sentence that names it.
  [[nodiscard]] std::vector<std::string> failures() const;
  static constexpr size_t kFailuresMax = 100;

 private:
  struct Impl;
  explicit PictureSet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pasu::train
